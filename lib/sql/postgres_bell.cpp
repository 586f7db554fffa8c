// NOTIFY inside the transaction that writes a job would be simpler, and was turned down: a transaction that
// notifies takes a lock of the whole server before it commits and keeps it until it is on disk, so that
// orders would no longer commit in groups but one after another. So the bell has a session of its own, which
// tells after the commit what many have rung meanwhile, and which also listens. A process that dies between
// its commit and that is noticed by the others' next look at the queue.
#include <poll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/event.h"
#include "sql/postgres.h"
#include "sql/postgres_link.h"
#include "sql/postgres_servers.h"

namespace aforro::sql {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kPause{10};        // between two calls
constexpr milliseconds kTryAgain{1'000};  // to connect
constexpr milliseconds kMostSilence{10'000};
constexpr std::string_view kNotify = "NOTIFY aforro_jobs";
constexpr PostgresLink::Timeouts kTimeouts{.connect = milliseconds(800),
                                           .lock = milliseconds(1'000),
                                           .statement = milliseconds(1'000),
                                           .probe = std::nullopt};

class PostgresBell final : public Bell {
 public:
  PostgresBell(const std::string& url, std::function<void()> heard)
      : servers_(url), heard_(std::move(heard)) {
    thread_ = std::thread([this] { work(); });
  }
  PostgresBell(const PostgresBell&) = delete;
  PostgresBell& operator=(const PostgresBell&) = delete;
  ~PostgresBell() override {
    is_over_ = true;
    event_.set();
    thread_.join();
  }

  void ring() override {
    if (!is_rung_.exchange(true)) event_.set();
  }

 private:
  void work() {
    while (!is_over_) {
      try {
        serve();
      } catch (const std::exception&) {
        // Who needs the database says that it is away. Here it is only tried again.
        link_.reset();
        try_at_ = Clock::now() + kTryAgain;
      }
    }
  }

  void serve() {
    if (link_ == nullptr && Clock::now() >= try_at_) connect();
    if (link_ != nullptr && is_rung_ && Clock::now() >= tell_at_) {
      is_rung_ = false;
      tell_at_ = Clock::now() + kPause;
      link_->execute(kNotify);
    }
    if (link_ != nullptr) hear();
    wait();
  }

  void connect() {
    link_ = servers_.connect(kTimeouts);
    if (!heard_) return;
    link_->execute("LISTEN aforro_jobs");
    heard_();
  }

  // Throws Unavailable where the session has ended.
  void hear() {
    link_->require(PQconsumeInput(link_->get()) == 1);
    if (!link_->is_alive()) throw Unavailable("the database server has ended the session");
    bool is_rung_by_others = false;
    while (PGnotify* const notice = PQnotifies(link_->get())) {
      if (notice->be_pid != link_->greeting().process) is_rung_by_others = true;
      PQfreemem(notice);
    }
    if (is_rung_by_others) heard_();
  }

  void wait() {
    const auto now = Clock::now();
    auto until = now + kMostSilence;
    if (link_ == nullptr) until = std::min(until, try_at_);
    if (link_ != nullptr && is_rung_) until = std::min(until, tell_at_);
    const auto most = std::max(std::chrono::ceil<milliseconds>(until - now), milliseconds(0));
    std::array<pollfd, 2> watched{
        pollfd{.fd = is_rung_ ? -1 : event_.descriptor(), .events = POLLIN, .revents = 0},
        pollfd{.fd = link_ == nullptr ? -1 : PQsocket(link_->get()), .events = POLLIN, .revents = 0}};
    ::poll(watched.data(), watched.size(), static_cast<int>(most.count()));
    event_.clear();
  }

  PostgresServers servers_;
  const std::function<void()> heard_;
  const Event event_;
  std::atomic<bool> is_rung_ = false;
  std::atomic<bool> is_over_ = false;
  // Of the thread alone.
  std::unique_ptr<PostgresLink> link_;
  Clock::time_point try_at_{};
  Clock::time_point tell_at_{};
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Bell> make_postgres_bell(const std::string& url, std::function<void()> heard) {
  return std::make_unique<PostgresBell>(url, std::move(heard));
}

void ring_postgres_bell(const std::string& url) noexcept {
  try {
    PostgresServers(url).connect(kTimeouts)->execute(kNotify);
  } catch (const std::exception&) {
    // It is seen at the next look.
  }
}

}  // namespace aforro::sql

// One thread has both ends: it publishes what others ring, and has a connection that is subscribed. Who rings
// only sets a mark, so that no request waits for Redis here; a thousand orders in a second become a hundred
// messages, as each is followed by a pause.
//
// A subscriber hears nothing of a Redis that has gone without a word, so it asks now and then whether it is
// still there.
#include "redis/bell.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <thread>
#include <utility>

#include "base/event.h"
#include "base/hash.h"

namespace aforro::redis {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPause{10};          // between two messages
constexpr milliseconds kAnswer{250};        // to be let in, and to subscribe
constexpr milliseconds kTryAgain{1'000};    // to listen
constexpr milliseconds kStillThere{2'000};  // of silence, before it is asked, and then again

class RedisBell final : public Bell {
 public:
  RedisBell(Client& client, std::string channel, std::function<void()> heard)
      : client_(client), channel_(std::move(channel)), heard_(std::move(heard)), name_(random_hex(8)) {
    thread_ = std::thread([this] { work(); });
  }
  RedisBell(const RedisBell&) = delete;
  RedisBell& operator=(const RedisBell&) = delete;
  ~RedisBell() override {
    is_over_ = true;
    event_.set();
    thread_.join();
  }

  void ring() override {
    if (!is_rung_.exchange(true)) event_.set();
  }

 private:
  // Nobody is above this thread. What is not told for want of memory is found by those who look by
  // themselves.
  void work() noexcept {
    while (!is_over_) {
      try {
        act();
        wait();
      } catch (const std::exception&) {
        link_.reset();
        is_asked_ = false;
        act_at_ = tell_at_ = std::chrono::steady_clock::now() + kTryAgain;
      }
    }
  }

  void act() {
    const Instant now = std::chrono::steady_clock::now();
    if (heard_ && link_ == nullptr && now >= act_at_) listen(now);
    if (is_rung_ && now >= tell_at_) {
      is_rung_ = false;
      client_.ask({"PUBLISH", channel_, name_});
      tell_at_ = now + kPause;
    }
  }

  // Until somebody rings, something comes, or it is time for something.
  void wait() {
    const Instant now = std::chrono::steady_clock::now();
    Instant until = now + kStillThere;
    if (heard_) until = std::min(until, act_at_);
    if (is_rung_) until = std::min(until, tell_at_);
    const auto most = std::max(std::chrono::ceil<milliseconds>(until - now), milliseconds(0));
    std::array<pollfd, 2> watched{
        pollfd{.fd = is_rung_ ? -1 : event_.descriptor(), .events = POLLIN, .revents = 0},
        pollfd{.fd = link_ == nullptr ? -1 : link_->descriptor(), .events = POLLIN, .revents = 0}};
    ::poll(watched.data(), watched.size(), static_cast<int>(most.count()));
    event_.clear();
    if (link_ == nullptr) return;
    if (watched[1].revents != 0) {
      take();
    } else if (std::chrono::steady_clock::now() >= act_at_) {
      ask_whether_there();
    }
  }

  void listen(Instant now) {
    std::string why;
    act_at_ = now + kTryAgain;
    link_ = client_.connect(now + kAnswer, why);
    if (link_ == nullptr) return;
    const auto reply = link_->ask({"SUBSCRIBE", channel_}, now + kAnswer);
    if (!reply || reply->kind != Reply::Kind::list) return link_.reset();
    act_at_ = now + kStillThere;
    heard_();
  }

  void take() {
    const Instant now = std::chrono::steady_clock::now();
    auto reply = link_->receive(now + kAnswer);
    bool is_rung_by_others = false;
    for (; reply; reply = link_->received()) {
      const auto& parts = reply->list;
      if (parts.size() == 3 && parts[0].text == "message" && parts[2].text != name_) is_rung_by_others = true;
    }
    is_asked_ = false;
    act_at_ = now + (link_->why().empty() ? kStillThere : kTryAgain);
    if (!link_->why().empty()) link_.reset();
    if (is_rung_by_others) heard_();
  }

  void ask_whether_there() {
    const Instant now = std::chrono::steady_clock::now();
    const bool is_silent = std::exchange(is_asked_, true);
    if (is_silent || !link_->send({"PING"}, now + kAnswer)) {
      link_.reset();
      is_asked_ = false;
    }
    act_at_ = now + kTryAgain;
  }

  Client& client_;
  const std::string channel_;
  const std::function<void()> heard_;
  const std::string name_;  // by which it knows its own
  const Event event_;
  std::atomic<bool> is_rung_ = false;
  std::atomic<bool> is_over_ = false;
  // Of the thread alone.
  std::unique_ptr<Link> link_;  // subscribed
  Instant act_at_{};            // when to listen again, or to ask whether it is there
  Instant tell_at_{};
  bool is_asked_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Bell> make_bell(Client& client, std::string channel, std::function<void()> heard) {
  return std::make_unique<RedisBell>(client, std::move(channel), std::move(heard));
}

}  // namespace aforro::redis

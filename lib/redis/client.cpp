// Who finds out that Redis is back. If a request tried, it would wait for it, and while Redis is frozen each
// attempt takes its whole patience. So requests only ever find out that it is gone: is_there_ is a flag that
// a failure clears and that nobody but the client's own thread sets, which asks once a second whether there
// is anything to ask. What it asks is to write a key: a full Redis, a replica and one that wants a password
// answer a PING.
//
// A connection that has rested may have been closed by Redis meanwhile (its `timeout`, a restart). That is no
// sign of trouble, so the command is sent once more over a new one; twice done it does no harm.
#include "redis/client.h"

#include <algorithm>
#include <cassert>
#include <exception>
#include <functional>
#include <utility>

#include "base/blocking.h"
#include "base/passwords.h"

namespace aforro::redis {
namespace {

constexpr std::chrono::milliseconds kFirstLook{500};
constexpr std::string_view kProbeMilliseconds = "60000";
constexpr std::string_view kHidden = "***";

bool is_about_the_command(const Reply& reply) {
  return reply.is_error("NOSCRIPT") || reply.is_error("WRONGTYPE");
}

// Of an error that answers AUTH the code alone: a Redis that knows AUTH by another name quotes its arguments.
std::string code_of(std::string_view error) {
  const std::string_view code = error.substr(0, error.find(' '));
  const bool is_code =
      !code.empty() && std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return "it does not take the password: " + (is_code ? std::string(code) : "an error");
}

std::string without(std::string text, const std::string& password) {
  if (password.empty()) return text;
  for (auto at = text.find(password); at != std::string::npos; at = text.find(password, at + kHidden.size()))
    text.replace(at, password.size(), kHidden);
  return text;
}

}  // namespace

Client::Client(Address address, std::string name, Log& log, ClientOptions options,
               const std::string& authorities)
    : address_(std::move(address)),
      name_(std::move(name)),
      log_(log),
      options_(options),
      authorities_(address_.is_encrypted ? std::make_unique<const TlsAuthorities>(authorities) : nullptr) {
  assert(has_reader());
  idle_.reserve(options_.max_links);  // giving one back must not fail
  looking_ = std::thread([this] { keep_looking(); });
  const auto until = std::chrono::steady_clock::now() + kFirstLook;
  const Lock lock(mutex_);
  while (!has_looked_ && looked_.wait_until(mutex_, until)) {
  }
}

Client::~Client() {
  {
    const Lock lock(mutex_);
    is_over_ = true;
  }
  looked_.notify_all();
  looking_.join();
}

std::optional<std::string> Client::fault() const {
  if (is_there()) return std::nullopt;
  const Lock lock(mutex_);
  return why_;
}

// A place in the pool, which is given back however the question ends. If by an exception, then without the
// link: half of an answer may be left in it.
struct Client::Loan {
  explicit Loan(Client& from) : client(from) {}
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  ~Loan() { client.give_back(is_whole ? std::move(link) : nullptr); }

  Client& client;
  std::unique_ptr<Link> link;
  bool is_whole = false;
};

std::optional<Reply> Client::ask(Words words, Instant until) {
  if (!is_there()) {
    counters_.passed_by.fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  counters_.asked.fetch_add(1, std::memory_order_relaxed);
  bool is_new = false;
  std::optional<Reply> reply;
  {
    Loan loan(*this);
    loan.link = take(until, is_new);
    if (loan.link != nullptr) reply = ask_on(loan.link, words, until, is_new);
    loan.is_whole = true;
  }
  if (!reply) counters_.failed.fetch_add(1, std::memory_order_relaxed);
  return reply;
}

std::optional<Reply> Client::ask_on(std::unique_ptr<Link>& link, Words words, Instant until, bool is_new) {
  // Who comes with what others have left of its time learns nothing from a silence.
  const bool had_time = until - std::chrono::steady_clock::now() >= options_.patience / 2;
  std::optional<Reply> reply = link->ask(words, until);
  std::string why = link->why();
  if (!reply && link->is_closed() && !is_new && std::chrono::steady_clock::now() < until) {
    link = connect(until, why);
    if (link != nullptr) {
      reply = link->ask(words, until);
      why = link->why();
    }
  }
  if (reply && reply->kind == Reply::Kind::error && !is_about_the_command(*reply)) {
    why = reply->text;
    reply.reset();
  }
  const bool is_silent =
      link != nullptr && !reply && !link->is_closed() && std::chrono::steady_clock::now() >= until;
  if (!reply && (had_time || !is_silent)) lost(why);
  return reply;
}

// Null if it is lost, which is told, or if the others keep all of them for too long, which says nothing of
// it. Also where it throws, it has counted one that give_back() takes away.
std::unique_ptr<Link> Client::take(Instant until, bool& is_new) {
  {
    const Lock lock(mutex_);
    while (idle_.empty() && count_ >= options_.max_links) {
      about_to_block();
      if (!freed_.wait_until(mutex_, until)) break;
    }
    while (!idle_.empty()) {
      auto link = std::move(idle_.back());
      idle_.pop_back();
      if (link->is_quiet()) return link;
      --count_;
    }
    ++count_;  // for a moment one too many, if all time is over: give_back() takes it away
    if (count_ > options_.max_links) return nullptr;
  }
  is_new = true;
  std::string why;
  auto link = connect(until, why);
  if (link == nullptr) lost(why);
  return link;
}

void Client::give_back(std::unique_ptr<Link> link) noexcept {
  {
    const Lock lock(mutex_);
    if (link != nullptr && link->why().empty() && is_there()) {
      idle_.push_back(std::move(link));
    } else {
      --count_;
    }
  }
  freed_.notify_one();
}

std::unique_ptr<Link> Client::connect(Instant until, std::string& why) {
  std::optional<Endpoint> endpoint;
  {
    const Lock lock(mutex_);
    endpoint = endpoint_;
  }
  if (endpoint) return open(*endpoint, until, why);
  why = "it has not been found yet";
  return nullptr;
}

std::unique_ptr<Link> Client::open(const Endpoint& endpoint, Instant until, std::string& why) {
  std::unique_ptr<Link> link;
  if (authorities_ == nullptr) {
    link = Link::open(endpoint, until, why);
  } else {
    const Encryption encryption{.authorities = *authorities_, .host = address_.host};
    link = Link::open(endpoint, until, why, &encryption);
  }
  if (link == nullptr) return nullptr;
  counters_.links.fetch_add(1, std::memory_order_relaxed);
  return let_in(*link, until, why) ? std::move(link) : nullptr;
}

// By the first of its addresses that takes a connection, which all use from then on.
std::unique_ptr<Link> Client::connect_anew(Resolver& resolver, std::string& why) {
  const auto until = [this] { return std::chrono::steady_clock::now() + options_.connect; };
  for (const Endpoint& endpoint : resolver.resolve(until(), why)) {
    auto link = open(endpoint, until(), why);
    if (link == nullptr) continue;
    const Lock lock(mutex_);
    endpoint_ = endpoint;
    return link;
  }
  return nullptr;
}

// Says who asks, and for which database.
bool Client::let_in(Link& link, Instant until, std::string& why) const {
  const auto accepted = [&](Words words, const auto& told) {
    const auto reply = link.ask(words, until);
    if (reply && reply->kind != Reply::Kind::error) return true;
    why = reply ? told(reply->text) : link.why();
    return false;
  };
  const std::string& user = address_.user;
  const std::string& password = address_.password;
  if (!password.empty() && user.empty() && !accepted({"AUTH", password}, code_of)) return false;
  if (!user.empty() && !accepted({"AUTH", user, password}, code_of)) return false;
  return address_.database == 0 || accepted({"SELECT", std::to_string(address_.database)}, std::identity());
}

void Client::lost(const std::string& reason) {
  is_there_.store(false, std::memory_order_release);  // also where there is no memory for what follows
  const std::string why = without_passwords(without(reason, address_.password));
  std::vector<std::unique_ptr<Link>> closed;
  closed.reserve(options_.max_links);  // it changes places with the one that must not fail
  bool is_news = false;
  {
    const Lock lock(mutex_);
    failed_at_ = std::chrono::steady_clock::now();
    why_ = why;
    is_there_.store(false, std::memory_order_release);
    count_ -= idle_.size();
    closed.swap(idle_);
    is_news = !std::exchange(is_told_, true);
    if (is_news) {
      told_at_ = failed_at_;
      passed_by_before_ = counters_.passed_by;
    }
  }
  freed_.notify_all();
  if (is_news) {
    log_.warning("redis_away", {{"redis", to_string(address_)},
                                {"error", why},
                                {"hint", "caches and limits are kept in this process until it is back"}});
  }
}

void Client::found() {
  std::optional<std::int64_t> seconds;
  std::uint64_t passed_by = 0;
  {
    const Lock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    is_there_.store(true, std::memory_order_release);
    // One that comes and goes, such as one that is nearly full, is told of once.
    if (is_told_ && now - failed_at_ >= options_.well_after) {
      is_told_ = false;
      seconds = std::chrono::duration_cast<std::chrono::seconds>(failed_at_ - told_at_).count();
      passed_by = counters_.passed_by - passed_by_before_;
    }
  }
  if (seconds) {
    log_.info("redis_back", {{"redis", to_string(address_)},
                             {"away_s", *seconds},
                             {"passed_by", static_cast<std::int64_t>(passed_by)}});
  }
}

void Client::keep_looking() {
  Resolver resolver(address_.host, address_.port);
  std::unique_ptr<Link> own;
  for (;;) {
    const auto next = std::chrono::steady_clock::now() + options_.look_every;
    look(resolver, own);
    const Lock lock(mutex_);
    has_looked_ = true;
    looked_.notify_all();
    while (!is_over_ && looked_.wait_until(mutex_, next)) {
    }
    if (is_over_) return;
  }
}

// Nobody is above this thread: where there is no memory to look, it is away until the next time.
void Client::look(Resolver& resolver, std::unique_ptr<Link>& own) noexcept {
  try {
    std::string why;
    if (own == nullptr) own = connect_anew(resolver, why);
    can_be_written(own, why) ? found() : lost(why);
  } catch (const std::exception&) {
    own.reset();
    const Lock lock(mutex_);
    is_there_.store(false, std::memory_order_release);
    why_ = "out of memory";  // short enough to need none
  }
}

// Leaves no link that has failed.
bool Client::can_be_written(std::unique_ptr<Link>& own, std::string& why) {
  if (own == nullptr) return false;
  const auto reply = own->ask({"SET", name_, "1", "PX", kProbeMilliseconds}, deadline());
  if (reply && reply->kind == Reply::Kind::text) return true;
  why = reply ? reply->text : own->why();
  own.reset();
  return false;
}

}  // namespace aforro::redis

// A Redis that may be away, slow, full or somebody else's at any moment: what is asked of it is answered
// within 20 ms, or not at all. Safe from any thread.
//
// After a failure nobody asks it for up to a second; then a thread of the client's own tries whether it can
// be written, and so once a second until it can. No request waits for that.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "redis/address.h"
#include "redis/link.h"
#include "redis/reply.h"
#include "redis/resolver.h"
#include "redis/tls.h"

namespace aforro::redis {

struct ClientOptions {
  std::chrono::milliseconds patience{20};       // of all that one request asks
  std::chrono::milliseconds look_every{1'000};  // whether it is there
  std::chrono::milliseconds connect{250};       // by the client's own thread, with the look-up of its name
  std::chrono::milliseconds well_after{3'000};  // without a failure the log is told that it is back
  std::size_t max_links = 32;                   // requests beyond that wait for one, within their patience
};

// What happened since it was made.
struct Counters {
  std::atomic<std::uint64_t> asked{0};
  std::atomic<std::uint64_t> failed{0};     // of these
  std::atomic<std::uint64_t> passed_by{0};  // not asked, since it was away
  std::atomic<std::uint64_t> links{0};      // opened
};

class Client {
 public:
  // `name` is that of the key which is written to see whether it can be. Waits for the first look, half a
  // second at most. Asserts that there is a reader (redis/reply.h). The log must outlive it. For what is
  // encrypted, `authorities` is a file of those that are trusted, as TlsAuthorities has it: throws Problem
  // (invalid) if it can't be read.
  Client(Address address, std::string name, Log& log, ClientOptions options = {},
         const std::string& authorities = "");
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  Instant deadline() const { return std::chrono::steady_clock::now() + options_.patience; }

  // The answer to a command; nothing while Redis is away, or if it has not answered by then. An error is
  // nothing, too, and makes it count as away, but for those that are about this command alone (NOSCRIPT,
  // WRONGTYPE).
  std::optional<Reply> ask(Words words, Instant until);
  std::optional<Reply> ask(Words words) { return ask(words, deadline()); }

  bool is_there() const { return is_there_.load(std::memory_order_acquire); }
  // What is wrong with it, in words for the one who runs it; nothing while it is there.
  std::optional<std::string> fault() const;
  const Counters& counters() const { return counters_; }
  const Address& address() const { return address_; }

  // A connection of the caller's own, who is let in already. Null, with why, if there is none.
  std::unique_ptr<Link> connect(Instant until, std::string& why);

 private:
  struct Loan;

  std::unique_ptr<Link> take(Instant until, bool& is_new);
  void give_back(std::unique_ptr<Link> link) noexcept EXCLUDES(mutex_);
  std::unique_ptr<Link> open(const Endpoint& endpoint, Instant until, std::string& why);
  std::unique_ptr<Link> connect_anew(Resolver& resolver, std::string& why);
  bool let_in(Link& link, Instant until, std::string& why) const;
  std::optional<Reply> ask_on(std::unique_ptr<Link>& link, Words words, Instant until, bool is_new);
  bool can_be_written(std::unique_ptr<Link>& own, std::string& why);
  void lost(const std::string& reason) EXCLUDES(mutex_);
  void found() EXCLUDES(mutex_);
  void look(Resolver& resolver, std::unique_ptr<Link>& own) noexcept EXCLUDES(mutex_);
  void keep_looking();

  const Address address_;
  const std::string name_;
  Log& log_;
  const ClientOptions options_;
  const std::unique_ptr<const TlsAuthorities> authorities_;  // null: nothing is encrypted
  Counters counters_;
  std::atomic<bool> is_there_ = false;

  mutable Mutex mutex_;
  CondVar freed_;
  CondVar looked_;
  std::vector<std::unique_ptr<Link>> idle_ GUARDED_BY(mutex_);
  std::size_t count_ GUARDED_BY(mutex_) = 0;  // idle and lent
  std::optional<Endpoint> endpoint_ GUARDED_BY(mutex_);
  std::string why_ GUARDED_BY(mutex_) = "it has not been asked yet";
  bool is_told_ GUARDED_BY(mutex_) = false;  // the log, that it is away
  Instant failed_at_ GUARDED_BY(mutex_){};
  Instant told_at_ GUARDED_BY(mutex_){};
  std::uint64_t passed_by_before_ GUARDED_BY(mutex_) = 0;
  bool has_looked_ GUARDED_BY(mutex_) = false;
  bool is_over_ GUARDED_BY(mutex_) = false;
  std::thread looking_;
};

}  // namespace aforro::redis

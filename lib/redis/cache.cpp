// A miss takes a lease: a key beside the entry's, which only one can make, and which goes by itself. Who gets
// none looks for the entry every few milliseconds, for as long as a request may wait for Redis. That may be
// too short for a long listing, which is then made twice; waiting longer would make a request wait for a
// process that may be dead.
#include "redis/cache.h"

#include <thread>
#include <utility>

#include "base/blocking.h"
#include "cache/sealed.h"

namespace aforro::redis {
namespace {

constexpr std::chrono::milliseconds kLookAgain{2};

class RedisCache final : public cache::SharedCache {
 public:
  RedisCache(Client& client, std::string prefix, const CacheOptions& options)
      : client_(client),
        prefix_(std::move(prefix)),
        options_(options),
        time_to_live_(std::to_string(options.time_to_live.count())),
        lease_(std::to_string(options.lease.count())) {}

  std::optional<std::string> get_or_lease(std::string_view key) override {
    const Instant until = client_.deadline();
    const std::string name = prefix_ + std::string(key);
    auto bytes = get(key, name, until);
    if (!bytes && client_.is_there() && !take_lease(name, until)) bytes = wait_for(key, name, until);
    ++(bytes ? counters_.hits : counters_.misses);
    return bytes;
  }

  void put(std::string_view key, std::string_view bytes) override {
    if (bytes.size() > options_.max_entry_bytes) return;
    const std::string name = prefix_ + std::string(key);
    if (!client_.ask({"SET", name, cache::seal(key, bytes), "PX", time_to_live_})) return;
    ++counters_.put;
    counters_.put_bytes += bytes.size();
  }

  const cache::SharedCounters& counters() const override { return counters_; }

 private:
  std::optional<std::string> get(std::string_view key, const std::string& name, Instant until) {
    auto reply = client_.ask({"GET", name}, until);
    if (!reply || reply->kind == Reply::Kind::nothing) return std::nullopt;
    const auto bytes = reply->kind == Reply::Kind::text ? cache::unseal(key, reply->text) : std::nullopt;
    if (!bytes) {
      ++counters_.damaged;
      return std::nullopt;
    }
    reply->text.erase(0, reply->text.size() - bytes->size());
    return std::move(reply->text);
  }

  // True also where nobody can say.
  bool take_lease(const std::string& name, Instant until) {
    const auto reply = client_.ask({"SET", name + ":lease", "1", "NX", "PX", lease_}, until);
    return !reply || reply->kind != Reply::Kind::nothing;
  }

  std::optional<std::string> wait_for(std::string_view key, const std::string& name, Instant until) {
    // The last look has some time, too.
    const Instant last = until - (until - std::chrono::steady_clock::now()) / 4;
    while (std::chrono::steady_clock::now() + kLookAgain < last && client_.is_there()) {
      about_to_block();
      std::this_thread::sleep_for(kLookAgain);
      if (auto bytes = get(key, name, until)) return bytes;
    }
    return std::nullopt;
  }

  Client& client_;
  const std::string prefix_;
  const CacheOptions options_;
  const std::string time_to_live_;
  const std::string lease_;
  cache::SharedCounters counters_;
};

}  // namespace

std::unique_ptr<cache::SharedCache> make_cache(Client& client, std::string prefix,
                                               const CacheOptions& options) {
  return std::make_unique<RedisCache>(client, std::move(prefix), options);
}

}  // namespace aforro::redis

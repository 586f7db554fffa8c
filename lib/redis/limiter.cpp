// The algorithm is that of limit/token_bucket.cpp, in one script, which Redis runs as a whole: two processes
// can't take the same token. Time is the server's, since the clocks of several machines differ by more than a
// token.
//
// Lua's numbers are doubles, exact up to 2^53. The time since 1970 in nanoseconds is larger, so the moment at
// which a bucket is full is kept as seconds and nanoseconds, and only differences are computed in
// nanoseconds: no more than a day, 8.64e13. A floor of a quotient of such numbers is exact, too, as the
// quotient of a by b is an integer or at least 1/b away from the next one.
//
// Whatever somebody else has put under the key counts as no bucket. One that would be full later than it can
// be (the server's clock was set back) counts as empty, and is from then on. Under a clock of the test's own,
// keys stay for an hour, since Redis forgets by its own.
#include "redis/limiter.h"

#include <cassert>
#include <chrono>
#include <optional>
#include <utility>

#include "base/mutex.h"

namespace aforro::redis {
namespace {

constexpr std::string_view kScript = R"(
local burst, per_token = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local second, nano = tonumber(ARGV[3] or time[1]), tonumber(ARGV[4] or time[2] * 1000)
local whole = per_token * burst
local missing = 0
local kept = redis.pcall('GET', KEYS[1])
if type(kept) == 'string' then
  local full_second, full_nano = string.match(kept, '^(%d+) (%d+)$')
  if full_second then
    missing = math.max(0, (tonumber(full_second) - second) * 1000000000 + tonumber(full_nano) - nano)
  end
end
local is_too_late = missing > whole
if is_too_late then missing = whole end
local is_allowed = missing + per_token <= whole
if is_allowed then missing = missing + per_token end
if is_allowed or is_too_late then
  local full = nano + missing
  redis.call('SET', KEYS[1],
    string.format('%.0f %.0f', second + math.floor(full / 1000000000), full % 1000000000),
    'PX', string.format('%.0f', ARGV[3] and 3600000 or math.floor(missing / 1000000) + 1))
end
local left = math.floor((whole - missing) / per_token)
local next_in = missing - per_token * (burst - left - 1)
return {is_allowed and 1 or 0, left, math.floor((next_in + 999999999) / 1000000000)}
)";

std::optional<limit::Verdict> verdict_of(const std::optional<Reply>& reply, const limit::Rate& rate) {
  if (!reply || reply->kind != Reply::Kind::list || reply->list.size() != 3) return std::nullopt;
  for (const Reply& each : reply->list) {
    if (each.kind != Reply::Kind::number || each.number < 0) return std::nullopt;
  }
  const std::int64_t left = reply->list[1].number;
  const std::chrono::seconds next{reply->list[2].number};
  if (left > rate.burst || next > rate.window) return std::nullopt;
  return limit::Verdict{.allowed = reply->list[0].number == 1, .tokens_left = left, .next_token_in = next};
}

class RedisLimiter final : public limit::Limiter {
 public:
  RedisLimiter(Client& client, std::string prefix, const limit::Rate& rate,
               std::unique_ptr<limit::Limiter> alone, const Clock* clock)
      : client_(client),
        prefix_(std::move(prefix)),
        rate_(rate),
        burst_(std::to_string(rate.burst)),
        per_token_(std::to_string(std::chrono::nanoseconds(rate.window).count() / rate.burst)),
        alone_(std::move(alone)),
        clock_(clock) {}

  limit::Verdict take(std::string_view key) override {
    const auto verdict = verdict_of(run(prefix_ + std::string(key)), rate_);
    if (!verdict) return alone_->take(key);
    if (verdict->allowed) alone_->take(key);
    return *verdict;
  }

 private:
  std::optional<Reply> run(const std::string& key) {
    const Instant until = client_.deadline();
    std::string name = script_name();
    if (name.empty()) name = load(until);
    if (name.empty()) return std::nullopt;
    auto reply = call({"EVALSHA", name}, key, until);
    // Its scripts are forgotten when it starts anew, and by SCRIPT FLUSH. It remembers one that it runs.
    if (reply && reply->is_error("NOSCRIPT")) reply = call({"EVAL", std::string(kScript)}, key, until);
    return reply;
  }

  std::optional<Reply> call(const std::pair<std::string_view, std::string>& what, const std::string& key,
                            Instant until) {
    if (clock_ == nullptr) return client_.ask({what.first, what.second, "1", key, burst_, per_token_}, until);
    constexpr std::int64_t kSecond = 1'000'000'000;
    const std::int64_t now = std::chrono::nanoseconds(clock_->steady().time_since_epoch()).count();
    return client_.ask({what.first, what.second, "1", key, burst_, per_token_, std::to_string(now / kSecond),
                        std::to_string(now % kSecond)},
                       until);
  }

  std::string script_name() EXCLUDES(mutex_) {
    const Lock lock(mutex_);
    return script_name_;
  }

  std::string load(Instant until) EXCLUDES(mutex_) {
    const auto reply = client_.ask({"SCRIPT", "LOAD", kScript}, until);
    if (!reply || reply->kind != Reply::Kind::text) return {};
    const Lock lock(mutex_);
    script_name_ = reply->text;
    return script_name_;
  }

  Client& client_;
  const std::string prefix_;
  const limit::Rate rate_;
  const std::string burst_;
  const std::string per_token_;
  const std::unique_ptr<limit::Limiter> alone_;
  const Clock* const clock_;
  Mutex mutex_;
  std::string script_name_ GUARDED_BY(mutex_);  // empty: not known yet
};

}  // namespace

std::unique_ptr<limit::Limiter> make_limiter(Client& client, std::string prefix, const limit::Rate& rate,
                                             std::unique_ptr<limit::Limiter> alone, const Clock* clock) {
  assert(rate.burst > 0 && rate.window.count() > 0 && alone != nullptr);
  return std::make_unique<RedisLimiter>(client, std::move(prefix), rate, std::move(alone), clock);
}

}  // namespace aforro::redis

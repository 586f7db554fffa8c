// Which Redis a process shares with the others of its shop: a flag, a setting, or none. And what it is for.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/session.h"
#include "base/bell.h"
#include "base/log.h"
#include "cache/shared_cache.h"
#include "limit/limiter.h"
#include "redis/address.h"
#include "redis/client.h"
#include "sql/database.h"

namespace aforro::app {

// As given.
struct RedisOptions {
  std::string where;  // --redis or AFORRO_REDIS; `off` for none, empty: not given
  std::int64_t patience_ms = 20;
  std::string authorities;  // --redis-ca
};

struct RedisChoice {
  std::optional<redis::Address> address;  // nothing: none
  std::string reason = {};                // "--redis", "REDIS_HOST in the environment"
  std::chrono::milliseconds patience{0};  // of a request with it
  std::string authorities = {};           // with TLS, see redis::Client
};

void add_redis(CLI::App& command, RedisOptions& options);

// Where none is given, REDIS_HOST, REDIS_PORT and REDIS_PASSWORD count. A program that was built without
// hiredis refuses one that it is told to use, and remarks one that is only in the environment. Throws Problem
// (invalid).
RedisChoice choose_redis(Session& session, const RedisOptions& options);

// A shop's part of a Redis: all its keys begin with what names the shop's database.
class SharedRedis {
 public:
  // All must outlive it.
  SharedRedis(const RedisChoice& choice, const sql::Identity& shop, Log& log);

  std::unique_ptr<limit::Limiter> limiter(const std::string& route, const limit::Rate& rate,
                                          std::unique_ptr<limit::Limiter> alone);
  std::unique_ptr<cache::SharedCache> cache();
  std::unique_ptr<Bell> bell(std::function<void()> heard);
  redis::Client& client() { return client_; }

 private:
  const std::string shop_;  // what the keys of all its lives begin with
  const std::string life_;
  redis::Client client_;
};

// Null where none was chosen.
std::unique_ptr<SharedRedis> open_redis(const RedisChoice& choice, sql::Database& database, Log& log);

}  // namespace aforro::app

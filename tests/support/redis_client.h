// A client of a Redis in the hands of a test, patient where the machine is busy.
#pragma once

#include <unistd.h>

#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/time.h"
#include "redis/client.h"
#include "support/redis_server.h"

namespace aforro::test {

inline constexpr redis::ClientOptions kPatientRedis{.patience = std::chrono::seconds(20)};

// Of the server that the tests of this process share.
inline redis::Client& shared_redis_client() {
  static const SystemClock clock;
  static Log log(STDERR_FILENO, Log::Level::error, clock);
  static redis::Client client(RedisServer::shared().address(), "aforro:tests:probe", log, kPatientRedis);
  return client;
}

}  // namespace aforro::test

// The token bucket in Redis, for all processes together. Safe from any thread.
#pragma once

#include <memory>
#include <string>

#include "base/time.h"
#include "limit/limiter.h"
#include "redis/client.h"

namespace aforro::redis {

// Answers as limit::make_token_bucket() does, by the clock of the Redis server, and keeps each client's
// bucket under `prefix` and the client until it is full again. What is let through there is taken from
// `alone` too, the limiter of this process, which decides by itself while Redis is away. A clock given, for
// tests, takes the place of the server's.
std::unique_ptr<limit::Limiter> make_limiter(Client& client, std::string prefix, const limit::Rate& rate,
                                             std::unique_ptr<limit::Limiter> alone,
                                             const Clock* clock = nullptr);

}  // namespace aforro::redis

// The cache in Redis. Safe from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "cache/shared_cache.h"
#include "redis/client.h"

namespace aforro::redis {

struct CacheOptions {
  std::chrono::milliseconds time_to_live{900'000};
  std::chrono::milliseconds lease{1'000};  // of one who makes an entry, and may not come back
  std::size_t max_entry_bytes = std::size_t{8} * 1024 * 1024;
};

// Keeps each entry under `prefix` and its key. What lies there and is not what was put is a miss. While Redis
// is away, all are.
std::unique_ptr<cache::SharedCache> make_cache(Client& client, std::string prefix,
                                               const CacheOptions& options = {});

}  // namespace aforro::redis

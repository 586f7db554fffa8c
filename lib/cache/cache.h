// A bounded store of bytes by key, which forgets: what was not used for long when space runs out, and
// everything after its time to live. It never vouches for an entry being true; its user does. Safe from any
// thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"

namespace aforro::cache {

// What is kept: immutable, and shared by all threads that got it. `size_bytes` is what it takes from the
// bound.
class Entry {
 public:
  Entry() = default;
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  virtual ~Entry() = default;
  virtual std::size_t size_bytes() const = 0;
};

// What happened since it was made, and what is kept now.
struct Counters {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t evictions = 0;  // for want of room, or past their time
  std::size_t entries = 0;
  std::size_t bytes = 0;
};

class Cache {
 public:
  Cache() = default;
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;
  virtual ~Cache() = default;

  virtual std::shared_ptr<const Entry> get(std::string_view key) = 0;  // null if there is none
  // Throws std::bad_alloc, with nothing kept under that key.
  virtual void put(std::string_view key, std::shared_ptr<const Entry> entry) = 0;
  // Whether this very entry is kept under that key. Counts as no use of it.
  virtual bool holds(std::string_view key, const std::shared_ptr<const Entry>& entry) = 0;

  virtual Counters counters() = 0;
};

struct LruOptions {
  std::size_t max_bytes = 32 * 1024 * 1024;
  std::chrono::seconds time_to_live{900};
};

// In this process, the least recently used goes first. Only an entry larger than the bound is not kept: one
// that takes most of it costs others their place, but to make it anew for each who asks would cost more.
std::unique_ptr<Cache> make_lru_cache(const LruOptions& options, const Clock& clock);

}  // namespace aforro::cache

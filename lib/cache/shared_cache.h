// Bytes that several processes share, by key, for a while: it forgets when it likes, and may be away. A key
// holds the version of what is kept under it, so that nothing under it is ever untrue, however late it was
// put. Safe from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aforro::cache {

// What happened since it was made.
struct SharedCounters {
  std::atomic<std::uint64_t> hits{0};
  std::atomic<std::uint64_t> misses{0};
  std::atomic<std::uint64_t> damaged{0};    // of the misses: what lay there was nothing of ours
  std::atomic<std::uint64_t> put{0};        // entries,
  std::atomic<std::uint64_t> put_bytes{0};  // and their sizes
};

class SharedCache {
 public:
  SharedCache() = default;
  SharedCache(const SharedCache&) = delete;
  SharedCache& operator=(const SharedCache&) = delete;
  virtual ~SharedCache() = default;

  // What is kept under the key. Nothing, if the caller is to make it, and to put it: then other processes
  // that ask for it meanwhile wait for that, but no longer than some milliseconds.
  virtual std::optional<std::string> get_or_lease(std::string_view key) = 0;
  virtual void put(std::string_view key, std::string_view bytes) = 0;

  virtual const SharedCounters& counters() const = 0;
};

}  // namespace aforro::cache

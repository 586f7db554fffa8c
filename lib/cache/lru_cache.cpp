// The textbook structure: a list in order of use, and a table from keys to places in the list, so that each
// operation takes constant time. A key stands once, in the list's node, and the table refers to it. One lock
// is enough, as little is done under it: what is expensive, to render an entry, is done outside, and a reader
// keeps its entry alive by itself.
//
// put() does all that may fail for want of memory before it adds anything; a splice can't fail. So an entry
// is in both structures or in neither.
#include <list>
#include <unordered_map>

#include "base/mutex.h"
#include "cache/cache.h"

namespace aforro::cache {
namespace {

class LruCache final : public Cache {
 public:
  LruCache(const LruOptions& options, const Clock& clock) : options_(options), clock_(clock) {}

  std::shared_ptr<const Entry> get(std::string_view key) override {
    const auto now = clock_.steady();
    const Lock lock(mutex_);
    const auto found = by_key_.find(key);
    const bool is_there = found != by_key_.end() && found->second->expires_at > now;
    ++(is_there ? counters_.hits : counters_.misses);
    if (!is_there) {
      if (found != by_key_.end()) evict(found->second);
      return nullptr;
    }
    kept_.splice(kept_.begin(), kept_, found->second);
    return found->second->entry;
  }

  void put(std::string_view key, std::shared_ptr<const Entry> entry) override {
    const std::size_t size_bytes = entry->size_bytes() + 2 * key.size();
    const auto expires_at = clock_.steady() + options_.time_to_live;
    const Lock lock(mutex_);
    if (const auto old = by_key_.find(key); old != by_key_.end()) forget(old->second);
    if (size_bytes > options_.max_bytes) return;
    // These two can fail for want of memory; what follows can't.
    std::list<Kept> made;
    made.push_front({std::string(key), std::move(entry), size_bytes, expires_at});
    by_key_.emplace(made.front().key, made.begin());
    kept_.splice(kept_.begin(), made);
    bytes_ += size_bytes;
    // Never the entry just put: it fits the bound by itself, and stands at the front.
    while (bytes_ > options_.max_bytes) evict(std::prev(kept_.end()));
  }

  bool holds(std::string_view key, const std::shared_ptr<const Entry>& entry) override {
    const Lock lock(mutex_);
    const auto found = by_key_.find(key);
    return found != by_key_.end() && found->second->entry == entry;
  }

  Counters counters() override {
    const Lock lock(mutex_);
    Counters now = counters_;
    now.entries = kept_.size();
    now.bytes = bytes_;
    return now;
  }

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<const Entry> entry;
    std::size_t size_bytes;
    std::chrono::steady_clock::time_point expires_at;
  };

  void evict(std::list<Kept>::iterator kept) REQUIRES(mutex_) {
    forget(kept);
    ++counters_.evictions;
  }

  void forget(std::list<Kept>::iterator kept) REQUIRES(mutex_) {
    bytes_ -= kept->size_bytes;
    by_key_.erase(kept->key);
    kept_.erase(kept);
  }

  const LruOptions options_;
  const Clock& clock_;
  Mutex mutex_;
  std::list<Kept> kept_ GUARDED_BY(mutex_);                                // most recently used first
  std::unordered_map<std::string_view, std::list<Kept>::iterator> by_key_  // keys live in kept_
      GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
  Counters counters_ GUARDED_BY(mutex_);  // but for what is kept now
};

}  // namespace

std::unique_ptr<Cache> make_lru_cache(const LruOptions& options, const Clock& clock) {
  return std::make_unique<LruCache>(options, clock);
}

}  // namespace aforro::cache

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "cache/cache.h"
#include "support/failing_heap.h"
#include "support/held_clock.h"

namespace {

using namespace aforro::cache;  // NOLINT: all of it is under test
using std::chrono::seconds;

class Sized final : public Entry {
 public:
  explicit Sized(std::size_t bytes) : bytes_(bytes) {}
  std::size_t size_bytes() const override { return bytes_; }

 private:
  std::size_t bytes_;
};

// A key of one letter counts as two bytes, so an entry of 98 makes a hundred.
std::shared_ptr<const Entry> hundred() { return std::make_shared<Sized>(98); }

struct Kept {
  aforro::test::HeldClock clock;
  std::unique_ptr<Cache> cache;

  explicit Kept(const LruOptions& options = {.max_bytes = 1'000, .time_to_live = seconds(60)})
      : cache(make_lru_cache(options, clock)) {}

  bool has(std::string_view key) const { return cache->get(key) != nullptr; }
  void fill(std::string_view keys) const {
    for (std::size_t i = 0; i < keys.size(); ++i) cache->put(keys.substr(i, 1), hundred());
  }
  // Which of the keys are there. They are used by being asked for, in this order.
  std::string keys(std::string_view of) const {
    std::string found;
    for (std::size_t i = 0; i < of.size(); ++i) {
      if (has(of.substr(i, 1))) found += of[i];
    }
    return found;
  }
};

TEST_CASE("what was put is got, the same object, and nothing else is") {
  const Kept kept;
  const auto entry = hundred();
  kept.cache->put("a", entry);
  CHECK(kept.cache->get("a") == entry);
  CHECK(!kept.has("b"));
  CHECK(!kept.has(""));
  kept.cache->put("", entry);
  CHECK(kept.has(""));
}

TEST_CASE("an entry put again takes the place of the old one") {
  const Kept kept;
  const auto second = hundred();
  kept.cache->put("a", hundred());
  kept.cache->put("a", second);
  CHECK(kept.cache->get("a") == second);
}

TEST_CASE("when space runs out, the least recently used goes first") {
  const Kept kept;
  kept.fill("abcdefghij");
  kept.fill("k");
  CHECK(kept.keys("abcdefghijk") == "bcdefghijk");
}

TEST_CASE("to be got or put again is to be used") {
  const Kept kept;
  kept.fill("abcdefghij");
  CHECK(kept.has("a"));
  kept.fill("b");
  kept.fill("kl");
  CHECK(kept.keys("abcdefghijkl") == "abefghijkl");
}

TEST_CASE("the bytes of entries and keys are bounded, however they come and go") {
  const Kept kept;
  kept.fill("abcdefghij");
  CHECK(kept.keys("abcdefghij") == "abcdefghij");  // exactly the bound
  kept.cache->put("a", std::make_shared<Sized>(198));
  CHECK(kept.keys("abcdefghij") == "acdefghij");
  for (int i = 0; i < 100; ++i) kept.cache->put("a", std::make_shared<Sized>(98));
  CHECK(kept.keys("acdefghij") == "acdefghij");
  kept.fill("k");
  CHECK(kept.keys("acdefghijk") == "acdefghijk");  // the place that "a" gave back
}

TEST_CASE("an entry may take the whole bound; a larger one is not kept, and the old one of its key is gone") {
  const Kept kept;
  kept.fill("abcdefg");
  kept.cache->put("x", std::make_shared<Sized>(998));
  CHECK(kept.has("x"));
  CHECK(kept.keys("abcdefg").empty());
  kept.fill("abcdefg");
  kept.cache->put("a", std::make_shared<Sized>(999));
  CHECK(!kept.has("a"));
  CHECK(kept.keys("bcdefg") == "bcdefg");
  kept.cache->put("huge", std::make_shared<Sized>(std::size_t{1} << 40));
  CHECK(!kept.has("huge"));
  CHECK(kept.keys("bcdefg") == "bcdefg");
}

TEST_CASE("an entry is forgotten when its time to live has passed, used or not") {
  Kept kept;
  kept.fill("a");
  kept.clock.advance(seconds(30));
  kept.fill("b");
  CHECK(kept.has("a"));
  kept.clock.advance(seconds(30) - std::chrono::microseconds(1));
  CHECK(kept.has("a"));
  kept.clock.advance(std::chrono::microseconds(1));
  CHECK(!kept.has("a"));
  CHECK(kept.has("b"));
  kept.clock.advance(seconds(30));
  CHECK(!kept.has("b"));
}

TEST_CASE("an entry put again lives anew") {
  Kept kept;
  kept.fill("a");
  kept.clock.advance(seconds(59));
  kept.fill("a");
  kept.clock.advance(seconds(59));
  CHECK(kept.has("a"));
}

TEST_CASE("the wall clock may jump without anything being forgotten or kept too long") {
  Kept kept;
  kept.fill("a");
  kept.clock.set(aforro::Time::from_micros(0));
  CHECK(kept.has("a"));
  kept.clock.set(*aforro::Time::parse("2100-01-01T00:00:00Z"));
  CHECK(kept.has("a"));
  kept.clock.set(aforro::Time::from_micros(0));
  kept.clock.advance(seconds(60));
  CHECK(!kept.has("a"));
}

TEST_CASE("what somebody holds stays whole when it is forgotten") {
  const Kept kept;
  kept.cache->put("a", hundred());
  const auto held = kept.cache->get("a");
  kept.fill("bcdefghijklmnopqrstuvwxyz");
  CHECK(!kept.has("a"));
  CHECK(held->size_bytes() == 98);
}

// Long enough to need memory of its own; with an entry of 20 bytes it makes a hundred.
std::string long_key(char letter) { return std::string(40, letter); }

// Puts an entry while the n-th piece of memory is refused; false if it does not need as many.
bool put_without_memory(const Kept& kept, const std::string& key, std::uint64_t nth) {
  auto entry = std::make_shared<Sized>(20);
  const aforro::test::FailingHeap heap(nth);
  try {
    kept.cache->put(key, std::move(entry));
  } catch (const std::bad_alloc&) {
    REQUIRE(heap.has_failed());
  }
  return heap.has_failed();
}

TEST_CASE("an entry for which there is no memory is not kept, and the cache holds as much as before") {
  std::uint64_t nth = 0;
  for (bool needs_as_many = true; needs_as_many;) {
    ++nth;
    const Kept kept;
    for (char key = 'a'; key <= 'j'; ++key) kept.cache->put(long_key(key), std::make_shared<Sized>(20));
    needs_as_many = put_without_memory(kept, long_key('k'), nth);
    CAPTURE(nth);
    CHECK(kept.has(long_key('k')) == !needs_as_many);
    CHECK(kept.has(long_key('a')) == needs_as_many);
    for (char key = 'b'; key <= 'j'; ++key) CHECK(kept.has(long_key(key)));
    // Ten have room, as ever, and what is put is got.
    for (char key = 'l'; key <= 'u'; ++key) kept.cache->put(long_key(key), std::make_shared<Sized>(20));
    for (char key = 'a'; key <= 'k'; ++key) CHECK(!kept.has(long_key(key)));
    for (char key = 'l'; key <= 'u'; ++key) CHECK(kept.has(long_key(key)));
  }
  CHECK(nth > 3);
}

TEST_CASE("an entry that was to be put in place of another for which there is no memory, takes both along") {
  std::uint64_t nth = 0;
  for (bool needs_as_many = true; needs_as_many;) {
    ++nth;
    const Kept kept;
    kept.cache->put(long_key('a'), std::make_shared<Sized>(20));
    needs_as_many = put_without_memory(kept, long_key('a'), nth);
    CAPTURE(nth);
    CHECK(kept.has(long_key('a')) == !needs_as_many);
    for (char key = 'l'; key <= 'u'; ++key) kept.cache->put(long_key(key), std::make_shared<Sized>(20));
    for (char key = 'l'; key <= 'u'; ++key) CHECK(kept.has(long_key(key)));
  }
  CHECK(nth > 3);
}

TEST_CASE("hits, misses, evictions and what is kept are counted") {
  Kept kept;
  for (char key = 'a'; key <= 'l'; ++key) kept.cache->put(std::string(1, key), hundred());
  CHECK(kept.keys("abcdef") == "cdef");
  Counters counters = kept.cache->counters();
  CHECK(counters.hits == 4);
  CHECK(counters.misses == 2);
  CHECK(counters.evictions == 2);
  CHECK(counters.entries == 10);
  CHECK(counters.bytes == 1'000);
  kept.clock.advance(seconds(60));
  CHECK(!kept.has("c"));
  counters = kept.cache->counters();
  CHECK(counters.misses == 3);
  CHECK(counters.evictions == 3);
  CHECK(counters.entries == 9);
}

TEST_CASE("whether an entry is the one that is kept can be asked without using it") {
  const Kept kept;
  const auto entry = hundred();
  kept.cache->put("a", entry);
  CHECK(kept.cache->holds("a", entry));
  CHECK(!kept.cache->holds("a", hundred()));
  CHECK(!kept.cache->holds("b", entry));
  CHECK(kept.cache->counters().hits == 0);
}

TEST_CASE("many threads may put and get at once") {
  Kept kept;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&kept, &wrong, thread] {
      for (int i = 0; i < 2'000; ++i) {
        const std::string key(1, static_cast<char>('a' + (i * 7 + thread) % 20));
        if (i % 3 == 0) kept.cache->put(key, hundred());
        const auto entry = kept.cache->get(key);
        if (entry && entry->size_bytes() != 98) ++wrong;
        if (i % 500 == 0) kept.clock.advance(seconds(61));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

}  // namespace

#include "base/coalescing.h"

#include <doctest/doctest.h>

#include <atomic>
#include <semaphore>
#include <thread>
#include <vector>

#include "support/on_threads.h"

namespace {

using namespace aforro;  // NOLINT

TEST_CASE("one alone finds out by itself, each time") {
  Coalescing<int> coalescing;
  int found = 0;
  for (int i = 1; i <= 3; ++i) CHECK(coalescing.ask([&] { return ++found; }) == i);
}

TEST_CASE("who comes while it is being found out gets a later answer, the same for all of them") {
  Coalescing<int> coalescing;
  std::atomic<int> found{0};
  std::binary_semaphore is_begun(0);
  std::binary_semaphore may_end(0);
  int first = 0;
  std::thread leader([&] {
    first = coalescing.ask([&] {
      is_begun.release();
      may_end.acquire();
      return ++found;
    });
  });
  is_begun.acquire();
  constexpr int kOthers = 8;
  std::vector<std::atomic<int>> answers(kOthers);
  std::atomic<int> asking{0};
  std::vector<std::thread> others;
  others.reserve(kOthers);
  for (int i = 0; i < kOthers; ++i) {
    others.emplace_back([&, i] {
      ++asking;
      answers[static_cast<std::size_t>(i)] = coalescing.ask([&] { return ++found; });
    });
  }
  while (asking < kOthers) std::this_thread::yield();
  may_end.release();
  leader.join();
  for (std::thread& other : others) other.join();
  CHECK(first == 1);
  for (const std::atomic<int>& answer : answers) CHECK(answer > 1);
}

TEST_CASE("no answer is older than its question, under many threads, and few find out") {
  Coalescing<std::uint64_t> coalescing;
  std::atomic<std::uint64_t> now{0};
  std::atomic<std::uint64_t> found{0};
  std::atomic<int> early{0};
  constexpr int kThreads = 8;
  constexpr std::uint64_t kEach = 3'000;
  test::on_threads(kThreads, [&](int) {
    for (std::uint64_t i = 0; i < kEach; ++i) {
      const std::uint64_t before = ++now;
      const std::uint64_t answer = coalescing.ask([&] {
        ++found;
        std::this_thread::yield();  // so that others come meanwhile
        return now.load();
      });
      if (answer < before) ++early;
    }
  });
  CHECK(early == 0);
  CHECK(found >= 1);
  CHECK(found < kThreads * kEach);
}

}  // namespace

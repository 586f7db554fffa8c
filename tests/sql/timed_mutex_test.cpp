#include "sql/timed_mutex.h"

#include <doctest/doctest.h>

#include <mutex>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using aforro::sql::TimedMutex;

TEST_CASE("one that is held is not had, neither at once nor within a time, and is had once it is released") {
  TimedMutex mutex;
  std::unique_lock first(mutex, std::try_to_lock);
  REQUIRE(first.owns_lock());
  CHECK_FALSE(mutex.try_lock());
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(mutex.try_lock_for(20ms));
  CHECK(std::chrono::steady_clock::now() - begin >= 20ms);

  std::thread waiting([&] {
    std::unique_lock next(mutex, std::defer_lock);
    CHECK(next.try_lock_for(1min));
  });
  first.unlock();
  waiting.join();
  CHECK(mutex.try_lock());
}

TEST_CASE("of many threads one at a time is within, and all come through") {
  TimedMutex mutex;
  int count = 0;  // of itself no use to several threads
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        std::unique_lock lock(mutex, std::try_to_lock);
        if (!lock && !lock.try_lock_for(1min)) continue;
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(count == 8 * 500);
}

}  // namespace

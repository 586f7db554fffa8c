// The same done by several threads at once.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <cstdio>
#include <exception>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

namespace aforro::test {

// Runs f(0), f(1), … at the same moment, each on a thread of its own. A failure in one of them fails the
// test.
inline void on_threads(int count, const std::function<void(int thread)>& run) {
  std::atomic<int> failures{0};
  std::latch start(count);
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      try {
        run(i);
      } catch (const std::exception& fault) {
        std::fprintf(stderr, "thread %d: %s\n", i, fault.what());
        ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
}

}  // namespace aforro::test

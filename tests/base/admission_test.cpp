#include "base/admission.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "support/pooled_thread.h"

namespace {

using aforro::Admission;
using aforro::Overloaded;
using aforro::test::PooledThread;

TEST_CASE("as many are let in as there are places, one more is refused, and a place that was left is free") {
  const PooledThread pooled;
  Admission admission(2, "enough");
  const Admission::Pass first(admission);
  auto second = std::make_unique<Admission::Pass>(admission);
  for (int i = 0; i < 3; ++i) CHECK_THROWS_WITH_AS(Admission::Pass{admission}, "enough", Overloaded);

  second.reset();

  second = std::make_unique<Admission::Pass>(admission);
  CHECK_THROWS_AS(Admission::Pass{admission}, Overloaded);
}

TEST_CASE("a thread that belongs to no pool is always let in and takes no place") {
  Admission admission(1, "enough");
  const Admission::Pass job(admission);
  const Admission::Pass another_job(admission);
  {
    const PooledThread pooled;
    const Admission::Pass request(admission);
    CHECK_THROWS_AS(Admission::Pass{admission}, Overloaded);
  }
  const Admission::Pass third_job(admission);
}

TEST_CASE("a thread that its pool can't spare is refused, whatever places there are") {
  PooledThread pooled;
  Admission admission(1, "enough");
  pooled.can_be_spared = false;
  CHECK_THROWS_WITH_AS(Admission::Pass{admission}, "too many threads are waiting", Overloaded);
  pooled.can_be_spared = true;
  const Admission::Pass pass(admission);
}

TEST_CASE("threads that come and go at once never are more than there are places") {
  constexpr int kThreads = 8;
  constexpr int kPlaces = 3;
  Admission admission(kPlaces, "enough");
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::atomic<int> let_in = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const PooledThread pooled;
      for (int round = 0; round < 2'000; ++round) {
        try {
          const Admission::Pass pass(admission);
          const int now = ++inside;
          for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
          }
          ++let_in;
          std::this_thread::yield();
          --inside;
        } catch (const Overloaded&) {
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  CHECK(most <= kPlaces);
  CHECK(let_in > 0);
  const PooledThread pooled;
  const Admission::Pass a(admission);
  const Admission::Pass b(admission);
  const Admission::Pass c(admission);
}

}  // namespace

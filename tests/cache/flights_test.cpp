#include "cache/flights.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/on_threads.h"

namespace {

using aforro::cache::Entry;
using aforro::cache::Flights;

class Made final : public Entry {
 public:
  explicit Made(int made) : number(made) {}
  std::size_t size_bytes() const override { return 1; }
  const int number;
};

int number_of(const Flights::Landed& landed) { return static_cast<const Made&>(*landed.entry).number; }

TEST_CASE("what is made alone is one's own") {
  Flights flights;
  for (int i = 0; i < 3; ++i) {
    const auto landed = flights.once("a", [&] { return std::make_shared<const Made>(i); });
    CHECK(landed.is_own);
    CHECK(number_of(landed) == i);
  }
}

TEST_CASE("of many who want the same at once few make it, and all have it") {
  constexpr int kThreads = 8;
  Flights flights(std::chrono::minutes(1));
  std::atomic<int> made = 0;
  std::atomic<int> asked = 0;
  std::atomic<int> own = 0;
  aforro::test::on_threads(kThreads, [&](int) {
    ++asked;
    const auto landed = flights.once("a", [&] {
      ++made;
      while (asked < kThreads) std::this_thread::yield();
      return std::make_shared<const Made>(7);
    });
    if (landed.is_own) ++own;
    if (number_of(landed) != 7) throw std::runtime_error("another entry");
  });
  // One that had asked, and was too late to find the flight, may have begun another.
  CHECK(made == own);
  CHECK(made >= 1);
  CHECK(made < kThreads);
}

TEST_CASE("who waits for one that fails makes it, and the fault is that one's alone") {
  Flights flights(std::chrono::minutes(1));
  std::latch begun(1);
  std::atomic<bool> is_waited_for = false;
  aforro::test::on_threads(2, [&](int thread) {
    if (thread == 0) {
      CHECK_THROWS_AS(flights.once("a",
                                   [&]() -> std::shared_ptr<const Entry> {
                                     begun.count_down();
                                     while (!is_waited_for) std::this_thread::yield();
                                     throw std::runtime_error("no");
                                   }),
                      std::runtime_error);
    } else {
      begun.wait();
      is_waited_for = true;
      const auto landed = flights.once("a", [] { return std::make_shared<const Made>(2); });
      CHECK(landed.is_own);
      CHECK(number_of(landed) == 2);
    }
  });
}

TEST_CASE("one that takes too long is not waited for") {
  Flights flights(std::chrono::milliseconds(1));
  std::latch begun(1);
  std::latch over(1);
  aforro::test::on_threads(2, [&](int thread) {
    if (thread == 0) {
      flights.once("a", [&] {
        begun.count_down();
        over.wait();
        return std::make_shared<const Made>(1);
      });
    } else {
      begun.wait();
      const auto landed = flights.once("a", [] { return std::make_shared<const Made>(2); });
      CHECK(landed.is_own);
      CHECK(number_of(landed) == 2);
      over.count_down();
    }
  });
}

TEST_CASE("no more wait at once than may, and the others make their own") {
  constexpr int kThreads = static_cast<int>(Flights::kMaxWaiting) + 4;
  Flights flights(std::chrono::minutes(1));
  std::latch begun(1);
  std::atomic<int> own = 0;
  aforro::test::on_threads(kThreads, [&](int thread) {
    const auto mine = std::make_shared<const Made>(thread);
    if (thread != 0) begun.wait();
    flights.once("a", [&] {
      if (thread == 0) begun.count_down();
      ++own;
      // Those who may not wait have come when three others have made theirs.
      while (thread == 0 && own < 4) std::this_thread::yield();
      return mine;
    });
  });
  CHECK(own >= 4);
}

}  // namespace

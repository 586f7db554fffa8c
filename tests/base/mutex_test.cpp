#include "base/mutex.h"

#include <doctest/doctest.h>

#include <chrono>
#include <mutex>
#include <thread>

namespace {

using namespace std::chrono_literals;
using aforro::CondVar;
using aforro::Lock;
using aforro::Mutex;
using std::chrono::steady_clock;

// As another thread finds it, since asking for a mutex that one holds is not allowed.
bool is_held(Mutex& mutex) {
  bool was_free = false;
  std::thread([&] {
    if (!mutex.try_lock()) return;
    was_free = true;
    mutex.unlock();
  }).join();
  return !was_free;
}

TEST_CASE("a lock holds its mutex while it lives, but for the time between unlock and lock") {
  Mutex mutex;
  {
    Lock lock(mutex);
    CHECK(is_held(mutex));
    lock.unlock();
    CHECK_FALSE(is_held(mutex));
    lock.lock();
    CHECK(is_held(mutex));
  }
  CHECK_FALSE(is_held(mutex));
}

TEST_CASE("a lock that ends after unlock releases nothing that another has taken since") {
  Mutex mutex;
  std::unique_lock other(mutex, std::defer_lock);
  {
    Lock lock(mutex);
    lock.unlock();
    other.lock();
  }
  CHECK(is_held(mutex));
}

TEST_CASE("a lock takes over a mutex that was tried for") {
  Mutex mutex;
  {
    if (!mutex.try_lock()) {
      FAIL("nobody holds it");
      return;  // as FAIL does by throwing, which clang's analysis does not see
    }
    const Lock lock(mutex, std::adopt_lock);
    CHECK(is_held(mutex));
  }
  CHECK_FALSE(is_held(mutex));
}

TEST_CASE("a wait lets another thread have the mutex, and has it again afterwards") {
  Mutex mutex;
  CondVar changed;
  int value = 0;
  {
    const Lock lock(mutex);
    std::thread other([&] {
      const Lock inside(mutex);
      value = 7;
      changed.notify_one();
    });
    while (value == 0) changed.wait(mutex);
    CHECK(value == 7);
    CHECK(is_held(mutex));
    other.join();
  }
  CHECK_FALSE(is_held(mutex));
}

TEST_CASE("a wait for something that does not come ends with its time, and has the mutex again") {
  Mutex mutex;
  CondVar changed;
  const auto until = steady_clock::now() + 20ms;
  const Lock lock(mutex);
  while (changed.wait_until(mutex, until)) {
  }
  CHECK(steady_clock::now() >= until);
  CHECK(is_held(mutex));
}

}  // namespace

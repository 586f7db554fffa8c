#include "http/worker_pool.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/blocking.h"

namespace {

using aforro::http::WorkerPool;

// Where threads meet: each counts itself in, and waits for what the test wants to see.
class Meeting {
 public:
  // Says how many are here now.
  std::size_t enter() {
    const std::lock_guard lock(mutex_);
    most_ = std::max(most_, ++here_);
    changed_.notify_all();
    return here_;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    --here_;
    ++left_;
    changed_.notify_all();
  }
  void wait_for_here(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return here_ >= count || is_open_; });
  }
  void wait_for_left(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return left_ >= count; });
  }
  // From now on nobody waits for the others to come.
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  bool is_open() {
    const std::lock_guard lock(mutex_);
    return is_open_;
  }
  void wait_until_open() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_open_; });
  }
  std::size_t most() {
    const std::lock_guard lock(mutex_);
    return most_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t here_ = 0;
  std::size_t left_ = 0;
  std::size_t most_ = 0;
  bool is_open_ = false;
};

TEST_CASE("as many threads work at once as there are turns") {
  Meeting meeting;
  {
    WorkerPool pool({.turns = 3}, [&] {
      meeting.enter();
      meeting.wait_for_here(3);  // all three do come
      meeting.leave();
      return !meeting.is_open();
    });
    meeting.wait_for_left(300);
    meeting.open();
  }
  CHECK(meeting.most() == 3);
}

TEST_CASE("a thread that waits for something gives its turn to another, up to a number of threads") {
  constexpr std::size_t kThreads = 20;
  Meeting blocked;
  {
    WorkerPool pool({.turns = 2, .max_threads = kThreads}, [&] {
      aforro::about_to_block();
      aforro::about_to_block();  // said twice, given once
      blocked.enter();
      blocked.wait_until_open();
      blocked.leave();
      return false;
    });
    blocked.wait_for_here(kThreads);
    CHECK(blocked.most() == kThreads);
    blocked.open();
  }
  CHECK(blocked.most() == kThreads);
}

TEST_CASE("threads that have waited take their turns again, no more of them at once than there are") {
  Meeting at_work;
  {
    WorkerPool pool({.turns = 2, .max_threads = 16}, [&] {
      at_work.enter();
      at_work.leave();
      aforro::about_to_block();
      return !at_work.is_open();
    });
    at_work.wait_for_left(20'000);
    at_work.open();
  }
  CHECK(at_work.most() <= 2);
}

TEST_CASE("a turn is added when those at work get nowhere, and taken back once they do") {
  Meeting stuck;
  Meeting others;
  {
    WorkerPool pool({.turns = 1}, [&] {
      if (!stuck.is_open() && stuck.enter() == 1) {
        stuck.wait_until_open();
        return true;
      }
      others.enter();
      others.leave();
      return !others.is_open();
    });
    stuck.wait_for_here(1);
    pool.add_turn();
    others.wait_for_left(100);  // beside the one that is stuck
    stuck.open();
    others.wait_for_left(1'000);
    others.open();
  }
  CHECK(stuck.is_open());
  CHECK(others.most() <= 2);
}

}  // namespace

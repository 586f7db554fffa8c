#include "http/worker_pool.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/blocking.h"

namespace {

using aforro::Completion;
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
  std::size_t left() {
    const std::lock_guard lock(mutex_);
    return left_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t here_ = 0;
  std::size_t left_ = 0;
  std::size_t most_ = 0;
  bool is_open_ = false;
};

// What several threads wait for, each its own, until all are completed together.
class Commit {
 public:
  void wait_for() {
    Completion completion;
    {
      const std::lock_guard lock(mutex_);
      if (is_over_) return;
      waiting_.push_back(&completion);
      most_waiting_ = std::max(most_waiting_, waiting_.size());
      came_.notify_all();
    }
    completion.wait();
  }
  void complete_when_waiting(std::size_t count) {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [&] { return waiting_.size() >= count; });
    complete_all();
  }
  void wait_for_waiting(std::size_t count) {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [&] { return waiting_.size() >= count; });
  }
  std::size_t most_waiting() {
    const std::lock_guard lock(mutex_);
    return most_waiting_;
  }
  // From now on nobody waits.
  void end() {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    complete_all();
  }

 private:
  void complete_all() {
    for (Completion* const completion : waiting_) completion->complete();
    waiting_.clear();
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Completion*> waiting_;
  std::size_t most_waiting_ = 0;
  bool is_over_ = false;
};

TEST_CASE("as many threads work at once as there are turns") {
  Meeting meeting;
  {
    WorkerPool pool({.turns = 3}, [&](WorkerPool&) {
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
    WorkerPool pool({.turns = 2, .max_threads = kThreads}, [&](WorkerPool&) {
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

TEST_CASE(
    "a thread is told that it may not wait once only the reserve does not, and told again that it may") {
  constexpr std::size_t kThreads = 10;
  constexpr std::size_t kReserve = 4;
  Commit commit;
  Meeting refused;
  Meeting went_on;
  {
    WorkerPool pool({.turns = 2, .max_threads = kThreads, .reserve = kReserve}, [&](WorkerPool&) {
      if (aforro::detail::blocking_hook->may_wait()) {
        commit.wait_for();
        went_on.enter();
        went_on.leave();
      } else {
        refused.enter();
        refused.leave();
      }
      return !went_on.is_open();
    });
    commit.wait_for_waiting(kThreads - kReserve);
    refused.wait_for_left(100);
    commit.complete_when_waiting(kThreads - kReserve);  // two of them may have asked at the same time
    went_on.wait_for_left(kThreads - kReserve);
    commit.wait_for_waiting(kThreads - kReserve);
    went_on.open();
    commit.end();
  }
  CHECK(commit.most_waiting() <= kThreads - kReserve + 1);
}

TEST_CASE("threads that have waited take their turns again, no more of them at once than there are") {
  Meeting at_work;
  {
    WorkerPool pool({.turns = 2, .max_threads = 16}, [&](WorkerPool&) {
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

TEST_CASE("threads whose waiting ends together come back no more at once than there are turns") {
  constexpr std::size_t kThreads = 16;
  Commit commit;
  Meeting after;
  {
    WorkerPool pool({.turns = 2, .max_threads = kThreads}, [&](WorkerPool&) {
      commit.wait_for();
      after.enter();
      std::this_thread::yield();
      after.leave();
      return !after.is_open();
    });
    for (int round = 0; round < 500; ++round) commit.complete_when_waiting(kThreads);
    after.open();
    commit.end();
  }
  CHECK(after.left() >= 500 * kThreads);
  CHECK(after.most() <= 2);
}

TEST_CASE("what was completed before it is waited for holds nobody up") {
  Meeting went_on;
  {
    WorkerPool pool({.turns = 1, .max_threads = 1}, [&](WorkerPool&) {
      Completion completion;
      completion.complete();
      completion.wait();
      went_on.enter();
      went_on.leave();
      return !went_on.is_open();
    });
    went_on.wait_for_left(100);
    went_on.open();
  }
  CHECK(went_on.most() == 1);
}

TEST_CASE(
    "who waits for something to do keeps no turn from those that could go on, and they do not join it") {
  Commit commit;
  Meeting begun;
  Meeting idle;
  {
    WorkerPool pool({.turns = 2, .max_threads = 6}, [&](WorkerPool& workers) {
      if (begun.enter() <= 4) {
        commit.wait_for();
      } else {
        const WorkerPool::Idle scope(workers);
        if (!scope) return true;
        idle.enter();
        idle.wait_until_open();
        idle.leave();
      }
      return !idle.is_open();
    });
    idle.wait_for_here(2);  // both turns
    commit.complete_when_waiting(4);
    while (pool.rounds() < 4) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // in which they could
    CHECK(idle.most() == 2);
    idle.open();
  }
}

TEST_CASE("those that never wait let in those that have waited") {
  Commit commit;
  Meeting came;
  Meeting went_on;
  {
    WorkerPool pool({.turns = 1, .max_threads = 4}, [&](WorkerPool&) {
      if (came.enter() > 3) return !went_on.is_open();
      commit.wait_for();
      went_on.enter();
      went_on.leave();
      return !went_on.is_open();
    });
    commit.complete_when_waiting(3);
    went_on.wait_for_left(3);  // beside one that is at work all the time
    went_on.open();
  }
  CHECK(went_on.most() == 1);
}

TEST_CASE("an added turn goes first to one that has waited, which then lets in what is new") {
  Commit commit;
  Meeting begun;
  Meeting stuck;
  Meeting went_on;
  Meeting others;
  {
    WorkerPool pool({.turns = 1, .max_threads = 8}, [&](WorkerPool&) {
      const std::size_t place = begun.enter();
      if (place <= 2) {
        commit.wait_for();
        went_on.enter();
        went_on.leave();
      } else if (place == 3) {
        stuck.enter();
        stuck.wait_until_open();
      } else {
        others.enter();
        others.leave();
      }
      return !stuck.is_open();
    });
    stuck.wait_for_here(1);
    commit.complete_when_waiting(2);
    CHECK(went_on.left() == 0);  // the only turn is taken
    pool.add_turn();
    went_on.wait_for_left(2);
    others.wait_for_left(100);  // all of it beside the one that is stuck
    stuck.open();
  }
  CHECK(others.most() == 1);
}

TEST_CASE("threads that wait or could go on when the pool ends do so first") {
  constexpr std::size_t kThreads = 8;
  Commit commit;
  Meeting went_on;
  std::thread committer;
  {
    WorkerPool pool({.turns = 2, .max_threads = kThreads}, [&](WorkerPool&) {
      aforro::about_to_block();
      commit.wait_for();  // with a turn that is given already
      went_on.enter();
      went_on.leave();
      return false;
    });
    commit.wait_for_waiting(kThreads);
    committer = std::thread([&] { commit.end(); });
  }
  committer.join();
  CHECK(went_on.left() == kThreads);
}

TEST_CASE("a turn is added when those at work get nowhere, and taken back once they do") {
  Meeting stuck;
  Meeting others;
  {
    WorkerPool pool({.turns = 1}, [&](WorkerPool&) {
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

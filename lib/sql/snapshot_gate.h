// A gate that every thread passes before it takes a snapshot. Closed for a moment, it lets the snapshots
// under way end and none begin, so that no reader is left in the log. Open, it costs two counters. Part of
// the SQLite driver; safe from any thread.
#pragma once

#include <atomic>
#include <chrono>

#include "base/admission.h"
#include "base/blocking.h"
#include "base/mutex.h"

namespace aforro::sql {

class SnapshotGate {
 public:
  // Holds one open for a snapshot. Waits while the gate is closed.
  class Passage {
   public:
    explicit Passage(SnapshotGate& gate) : gate_(gate) { gate.enter(); }
    // The same for a thread that has not been admitted yet: if it has to wait, it must be, and throws
    // Overloaded if it isn't.
    Passage(SnapshotGate& gate, Admission& waiting) : gate_(gate) {
      if (gate.enter_if_open()) return;
      const Admission::Pass pass(waiting);
      gate.enter();
    }
    Passage(const Passage&) = delete;
    Passage& operator=(const Passage&) = delete;
    ~Passage() { gate_.leave(); }

   private:
    SnapshotGate& gate_;
  };

  // Closes the gate and waits for those inside. False if they are not gone in time, and the gate is open
  // again; or if another thread has closed it.
  bool close(std::chrono::milliseconds patience) {
    if (is_closed_.exchange(true)) return false;
    const auto until = std::chrono::steady_clock::now() + patience;
    Lock lock(mutex_);
    // Who finds the gate closed and turns back is inside for a moment: so each look counts, and none is
    // repeated.
    bool is_empty = inside_.load() == 0;
    for (bool is_in_time = true; !is_empty && is_in_time;) {
      is_in_time = left_.wait_until(mutex_, until);
      is_empty = inside_.load() == 0;
    }
    if (is_empty) return true;
    lock.unlock();
    open();
    return false;
  }

  void open() {
    {
      const Lock lock(mutex_);
      is_closed_.store(false);
    }
    opened_.notify_all();
  }

 private:
  // Each side announces itself before it looks for the other, by sequentially consistent atomics: so at least
  // one of the two sees the other (Dekker's pattern).
  bool enter_if_open() {
    inside_.fetch_add(1);
    if (!is_closed_.load()) return true;
    leave();
    return false;
  }

  void enter() {
    while (!enter_if_open()) {
      about_to_block();
      const Lock lock(mutex_);
      while (is_closed_.load()) opened_.wait(mutex_);
    }
  }

  void leave() {
    if (inside_.fetch_sub(1) != 1 || !is_closed_.load()) return;
    { const Lock lock(mutex_); }  // not between the look and the sleep of the closing thread
    left_.notify_one();
  }

  std::atomic<int> inside_ = 0;
  std::atomic<bool> is_closed_ = false;
  Mutex mutex_;
  CondVar left_;
  CondVar opened_;
};

}  // namespace aforro::sql

// A gate that every thread passes before it takes a snapshot. Closed for a moment, it lets the snapshots
// under way end and none begin, so that no reader is left in the log. Open, it costs two counters. Part of
// the SQLite driver; safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/admission.h"
#include "base/blocking.h"

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
    std::unique_lock lock(mutex_);
    if (left_.wait_for(lock, patience, [this] { return inside_.load() == 0; })) return true;
    lock.unlock();
    open();
    return false;
  }

  void open() {
    {
      const std::lock_guard lock(mutex_);
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
      std::unique_lock lock(mutex_);
      opened_.wait(lock, [this] { return !is_closed_.load(); });
    }
  }

  void leave() {
    if (inside_.fetch_sub(1) != 1 || !is_closed_.load()) return;
    { const std::lock_guard lock(mutex_); }  // not between the look and the sleep of the closing thread
    left_.notify_one();
  }

  std::atomic<int> inside_ = 0;
  std::atomic<bool> is_closed_ = false;
  std::mutex mutex_;
  std::condition_variable left_;
  std::condition_variable opened_;
};

}  // namespace aforro::sql

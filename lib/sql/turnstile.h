// Lets so many threads through at once and no more, in the order in which they came. Part of the drivers;
// safe from any thread. Takes no memory, so that it can be waited for in the middle of a statement.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/blocking.h"
#include "base/mutex.h"
#include "base/problem.h"

namespace aforro::sql {

class Turnstile {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Turnstile(std::size_t room) : room_(room) {}
  Turnstile(const Turnstile&) = delete;
  Turnstile& operator=(const Turnstile&) = delete;

  class Inside {
   public:
    // Throws Unavailable, which says why, if there is no room before `until`.
    Inside(Turnstile& turnstile, TimePoint until, const char* why) : turnstile_(turnstile) {
      if (!turnstile_.enter(until)) throw Unavailable(why);
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() { turnstile_.leave(); }

   private:
    Turnstile& turnstile_;
  };

  // Waits until there is room; false if there is none before `until`. A thread that has entered leaves once.
  bool enter(TimePoint until) {
    const Lock lock(mutex_);
    if (room_ > 0) {
      --room_;
      return true;
    }
    about_to_block();
    Waiting self;
    *last_ = &self;
    last_ = &self.next;
    while (!self.is_inside && self.came.wait_until(mutex_, until)) {
    }
    if (!self.is_inside) remove(self);
    return self.is_inside;
  }

  // Hands the room to the thread that has waited longest; one that comes in between can't take it.
  void leave() {
    const Lock lock(mutex_);
    if (first_ == nullptr) {
      ++room_;
      return;
    }
    Waiting& next = *first_;
    remove(next);
    next.is_inside = true;
    next.came.notify_one();  // before the mutex is released: then it sees that, and is gone
  }

 private:
  struct Waiting {  // known to others under the mutex alone
    CondVar came;
    bool is_inside = false;
    Waiting* next = nullptr;
  };

  void remove(Waiting& one) REQUIRES(mutex_) {
    Waiting** link = &first_;
    while (*link != &one) link = &(*link)->next;
    *link = one.next;
    if (last_ == &one.next) last_ = link;
  }

  Mutex mutex_;
  std::size_t room_ GUARDED_BY(mutex_);  // none while somebody waits
  Waiting* first_ GUARDED_BY(mutex_) PT_GUARDED_BY(mutex_) = nullptr;
  Waiting** last_ GUARDED_BY(mutex_) PT_GUARDED_BY(mutex_) = &first_;  // where the next one goes
};

}  // namespace aforro::sql

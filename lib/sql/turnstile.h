// Lets so many threads through at once and no more, in the order in which they came. Part of the drivers;
// safe from any thread. Takes no memory, so that it can be waited for in the middle of a statement.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "base/blocking.h"
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
    std::unique_lock lock(mutex_);
    if (room_ > 0) {
      --room_;
      return true;
    }
    about_to_block();
    Waiting self;
    *last_ = &self;
    last_ = &self.next;
    if (!self.came.wait_until(lock, until, [&] { return self.is_inside; })) remove(self);
    return self.is_inside;
  }

  // Hands the room to the thread that has waited longest; one that comes in between can't take it.
  void leave() {
    const std::lock_guard lock(mutex_);
    if (first_ == nullptr) {
      ++room_;
      return;
    }
    Waiting& next = *first_;
    remove(next);
    next.is_inside = true;
    next.came.notify_one();  // with the mutex: it is gone when it sees that
  }

 private:
  struct Waiting {
    std::condition_variable came;
    bool is_inside = false;
    Waiting* next = nullptr;
  };

  void remove(Waiting& one) {
    Waiting** link = &first_;
    while (*link != &one) link = &(*link)->next;
    *link = one.next;
    if (last_ == &one.next) last_ = link;
  }

  std::mutex mutex_;
  std::size_t room_;  // none while a thread waits
  Waiting* first_ = nullptr;
  Waiting** last_ = &first_;  // where the next one goes
};

}  // namespace aforro::sql

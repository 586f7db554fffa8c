// Lets so many threads through at once and no more. Part of the drivers; safe from any thread.
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
  Turnstile(std::size_t room, std::chrono::milliseconds deadline) : deadline_(deadline), room_(room) {}

  class Inside {
   public:
    // Throws Unavailable if there is no room before the deadline.
    explicit Inside(Turnstile& turnstile) : turnstile_(turnstile) { turnstile_.enter(); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() { turnstile_.leave(); }

   private:
    Turnstile& turnstile_;
  };

 private:
  void enter() {
    std::unique_lock lock(mutex_);
    if (room_ == 0) about_to_block();
    if (!left_.wait_for(lock, deadline_, [this] { return room_ > 0; })) {
      throw Unavailable("no connection came free for writing");
    }
    --room_;
  }

  void leave() {
    {
      const std::lock_guard lock(mutex_);
      ++room_;
    }
    left_.notify_one();
  }

  const std::chrono::milliseconds deadline_;
  std::mutex mutex_;
  std::condition_variable left_;
  std::size_t room_;
};

}  // namespace aforro::sql

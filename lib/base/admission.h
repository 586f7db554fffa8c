// A bound on how many threads of a pool may be busy with one resource (a writer, a pool of connections), so
// that the pool keeps threads for requests that do not need it. Safe from any thread.
#pragma once

#include <atomic>
#include <cstddef>

#include "base/blocking.h"
#include "base/problem.h"

namespace aforro {

class Admission {
 public:
  // `refusal`, a literal, is what Overloaded says: "too many writes are waiting".
  Admission(std::size_t most, const char* refusal) : most_(most), refusal_(refusal) {}

  // A place among the `most`, as long as this object lives. Threads that belong to no pool (they have no
  // BlockingHook: job workers, commands) are always let in: they are few, and no request needs them.
  class Pass {
   public:
    // Throws Overloaded if all places are taken, or if the thread's pool can spare no thread for waiting.
    explicit Pass(Admission& admission)
        : admission_(detail::blocking_hook == nullptr ? nullptr : &admission) {
      if (admission_ != nullptr) admission_->enter(*detail::blocking_hook);
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() {
      if (admission_ != nullptr) admission_->inside_.fetch_sub(1, std::memory_order_relaxed);
    }

   private:
    Admission* const admission_;
  };

  // One more would be refused.
  bool is_full() const { return inside_.load(std::memory_order_relaxed) >= most_; }

 private:
  void enter(BlockingHook& hook) {
    if (!hook.may_wait()) throw Overloaded("too many threads are waiting");
    if (inside_.fetch_add(1, std::memory_order_relaxed) < most_) return;
    inside_.fetch_sub(1, std::memory_order_relaxed);
    throw Overloaded(refusal_);
  }

  const std::size_t most_;
  const char* const refusal_;
  std::atomic<std::size_t> inside_ = 0;
};

}  // namespace aforro

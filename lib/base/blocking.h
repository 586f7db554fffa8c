// Lets blocking code tell the thread pool that this thread is about to wait (for a commit, for another
// server), so that the pool can run another thread in its place. Java calls this a ManagedBlocker, and the
// second form LockSupport.park(); tokio has block_in_place(). Each thread has its own hook; most threads
// belong to no pool, have none, and wait as usual.
#pragma once

#include "base/mutex.h"

namespace aforro {

class BlockingHook {
 public:
  BlockingHook() = default;
  BlockingHook(const BlockingHook&) = delete;
  BlockingHook& operator=(const BlockingHook&) = delete;
  virtual ~BlockingHook() = default;

  // By the thread itself, before it begins to wait for something: false if so many threads of its kind wait
  // already that it had better refuse what it was asked for (see base/admission.h).
  virtual bool may_wait() noexcept = 0;

  // By the thread itself before it blocks, possibly several times in a row. Nothing is called afterwards.
  virtual void about_to_block() noexcept = 0;

  // By the thread itself: returns once resume() was called and the pool lets the thread work again.
  virtual void suspend() noexcept = 0;

  // By any thread, once for each suspend(), possibly before it. What was done before it is seen after
  // suspend(). The hook must outlive the call.
  virtual void resume() noexcept = 0;
};

namespace detail {
inline thread_local BlockingHook* blocking_hook = nullptr;
}

inline void about_to_block() noexcept {
  if (detail::blocking_hook != nullptr) detail::blocking_hook->about_to_block();
}

// Makes the hook that of the present thread, as long as this object lives.
class BlockingHookScope {
 public:
  explicit BlockingHookScope(BlockingHook& hook) : before_(detail::blocking_hook) {
    detail::blocking_hook = &hook;
  }
  BlockingHookScope(const BlockingHookScope&) = delete;
  BlockingHookScope& operator=(const BlockingHookScope&) = delete;
  ~BlockingHookScope() { detail::blocking_hook = before_; }

 private:
  BlockingHook* const before_;
};

// Something that the thread which makes this waits for, and another thread brings about. What the other
// thread did before complete() is seen after wait().
class Completion {
 public:
  Completion() : hook_(detail::blocking_hook) {}
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  // By the thread that made it, under the same hook, once.
  void wait() {
    if (hook_ != nullptr) return hook_->suspend();
    const Lock lock(mutex_);
    while (!is_complete_) completed_.wait(mutex_);
  }

  // By any thread, once. The completion may be gone when it returns.
  void complete() {
    if (hook_ != nullptr) return hook_->resume();
    const Lock lock(mutex_);
    is_complete_ = true;
    completed_.notify_one();
  }

 private:
  BlockingHook* const hook_;
  Mutex mutex_;
  CondVar completed_;
  bool is_complete_ GUARDED_BY(mutex_) = false;
};

}  // namespace aforro

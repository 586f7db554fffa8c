// A word to whoever runs this thread, given before it waits for something other than the processor (a commit,
// another server): somebody else may work meanwhile. What Java calls a ManagedBlocker and tokio
// block_in_place(). For each thread apart; most threads have nobody who listens, and the call then costs
// nothing.
#pragma once

namespace aforro {

class BlockingHook {
 public:
  BlockingHook() = default;
  BlockingHook(const BlockingHook&) = delete;
  BlockingHook& operator=(const BlockingHook&) = delete;
  virtual ~BlockingHook() = default;

  // By the thread itself, possibly several times in a row.
  virtual void about_to_block() noexcept = 0;
};

namespace detail {
inline thread_local BlockingHook* blocking_hook = nullptr;
}

inline void about_to_block() noexcept {
  if (detail::blocking_hook != nullptr) detail::blocking_hook->about_to_block();
}

// Has the hook told of what the present thread waits for, as long as this object lives.
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

}  // namespace aforro

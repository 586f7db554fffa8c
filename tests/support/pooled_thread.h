// Makes the thread that has it one of a pool, as the server's are, for as long as it lives: what it waits for
// may then be refused.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "base/blocking.h"

namespace aforro::test {

class PooledThread final : public BlockingHook {
 public:
  bool may_wait() noexcept override { return can_be_spared; }
  void about_to_block() noexcept override { ++blocked; }
  void suspend() noexcept override {
    ++blocked;
    std::unique_lock lock(mutex_);
    resumed_.wait(lock, [this] { return resumptions_ > 0; });
    --resumptions_;
  }
  void resume() noexcept override {
    const std::lock_guard lock(mutex_);
    ++resumptions_;
    resumed_.notify_one();
  }

  std::atomic<bool> can_be_spared = true;
  std::atomic<int> blocked = 0;  // how often it gave up its turn

 private:
  std::mutex mutex_;
  std::condition_variable resumed_;
  int resumptions_ = 0;
  const BlockingHookScope scope_{*this};
};

}  // namespace aforro::test

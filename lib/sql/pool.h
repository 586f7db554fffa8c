// Connections that are opened when needed, lent to one thread at a time and kept for the next. Part of the
// drivers; safe from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/function_ref.h"
#include "base/problem.h"

namespace aforro::sql {

// `C` says by is_usable() whether it can be lent (again); if not, it is closed and another one opened.
template <class C>
class Pool {
 public:
  Pool(std::size_t max_open, std::chrono::milliseconds deadline, std::function<std::unique_ptr<C>()> open)
      : max_open_(max_open), deadline_(deadline), open_(std::move(open)) {}

  // Throws Unavailable if no connection comes free before the deadline, and what `open` throws.
  void with(FunctionRef<void(C&)> use) {
    const Lent lent(*this);
    use(lent.connection());
  }

 private:
  class Lent {
   public:
    explicit Lent(Pool& from) : from_(from), connection_(from.take()) {}
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    ~Lent() { from_.give_back(std::move(connection_)); }
    C& connection() const { return *connection_; }

   private:
    Pool& from_;
    std::unique_ptr<C> connection_;
  };

  std::unique_ptr<C> take() {
    const auto until = std::chrono::steady_clock::now() + deadline_;
    for (;;) {
      std::unique_lock lock(mutex_);
      if (!freed_.wait_until(lock, until, [&] { return !idle_.empty() || count_ < max_open_; })) {
        throw Unavailable("no connection came free");
      }
      if (idle_.empty()) {
        ++count_;
        lock.unlock();
        return open();
      }
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      lock.unlock();
      if (connection->is_usable()) return connection;
      give_back(std::move(connection));
    }
  }

  std::unique_ptr<C> open() {
    try {
      return open_();
    } catch (...) {
      give_back(nullptr);
      throw;
    }
  }

  void give_back(std::unique_ptr<C> connection) {
    if (connection && !connection->is_usable()) connection.reset();
    {
      const std::lock_guard lock(mutex_);
      if (connection) {
        idle_.push_back(std::move(connection));
      } else {
        --count_;
      }
    }
    freed_.notify_one();
  }

  const std::size_t max_open_;
  const std::chrono::milliseconds deadline_;
  const std::function<std::unique_ptr<C>()> open_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<C>> idle_;
  std::size_t count_ = 0;  // idle and lent
};

}  // namespace aforro::sql

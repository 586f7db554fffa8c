// Connections that are opened when needed, lent to one thread at a time and kept for the next. Part of the
// drivers; safe from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/blocking.h"
#include "base/function_ref.h"
#include "base/mutex.h"
#include "base/problem.h"

namespace aforro::sql {

// `C` says by is_usable() whether it can be lent (again); if not, it is closed and another one opened.
template <class C>
class Pool {
 public:
  // One that has not been lent for `idle_deadline` is closed when another is given back.
  Pool(std::size_t max_open, std::chrono::milliseconds deadline, std::function<std::unique_ptr<C>()> open,
       std::optional<std::chrono::milliseconds> idle_deadline = std::nullopt)
      : max_open_(max_open), deadline_(deadline), idle_deadline_(idle_deadline), open_(std::move(open)) {
    idle_.reserve(max_open_);  // giving one back must not fail
  }

  // Throws Unavailable if no connection comes free before the deadline, and what `open` throws if there is
  // none.
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

  struct Idle {
    std::unique_ptr<C> connection;
    std::chrono::steady_clock::time_point since;
  };

  std::unique_ptr<C> take() EXCLUDES(mutex_) {
    const auto until = std::chrono::steady_clock::now() + deadline_;
    std::exception_ptr refused;  // no new one could be opened; those that others have may still come free
    for (;;) {
      Lock lock(mutex_);
      if (!can_go_on(refused)) about_to_block();
      while (!can_go_on(refused) && freed_.wait_until(mutex_, until)) {
      }
      if (!can_go_on(refused)) throw Unavailable("no connection came free");
      if (idle_.empty()) {
        if (refused) std::rethrow_exception(refused);
        ++count_;
        lock.unlock();
        about_to_block();  // for the disk, or the network
        try {
          return open_();
        } catch (const Unavailable&) {
          refused = std::current_exception();
          give_back(nullptr);
          continue;
        } catch (...) {
          give_back(nullptr);
          throw;
        }
      }
      auto connection = std::move(idle_.back().connection);
      idle_.pop_back();
      lock.unlock();
      if (connection->is_usable()) return connection;
      give_back(std::move(connection));
    }
  }

  bool can_go_on(const std::exception_ptr& refused) const REQUIRES(mutex_) {
    return !idle_.empty() || (refused ? count_ == 0 : count_ < max_open_);
  }

  void give_back(std::unique_ptr<C> connection) EXCLUDES(mutex_) {
    if (connection && !connection->is_usable()) connection.reset();
    const bool is_back = connection != nullptr;
    std::unique_ptr<C> idle_too_long;  // closed without the mutex
    {
      const Lock lock(mutex_);
      if (is_back) {
        const auto now = std::chrono::steady_clock::now();
        idle_.push_back({std::move(connection), now});
        // The one that was lent last is lent next, so those that are not needed collect in front.
        if (idle_deadline_ && now - idle_.front().since > *idle_deadline_) {
          idle_too_long = std::move(idle_.front().connection);
          idle_.erase(idle_.begin());
          --count_;
        }
      } else {
        --count_;
      }
    }
    if (is_back) {
      freed_.notify_one();
    } else {
      freed_.notify_all();  // some wait for room to open one, some for there to be none
    }
  }

  const std::size_t max_open_;
  const std::chrono::milliseconds deadline_;
  const std::optional<std::chrono::milliseconds> idle_deadline_;
  const std::function<std::unique_ptr<C>()> open_;
  Mutex mutex_;
  CondVar freed_;
  std::vector<Idle> idle_ GUARDED_BY(mutex_);
  std::size_t count_ GUARDED_BY(mutex_) = 0;  // idle and lent
};

}  // namespace aforro::sql

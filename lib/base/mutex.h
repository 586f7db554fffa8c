// Mutex, Lock and CondVar: std::mutex, std::unique_lock and std::condition_variable with clang's
// thread-safety attributes, which those of libstdc++ lack. What a mutex guards is declared with it, and clang
// (`make check`) refuses code that touches it without holding the mutex; to other compilers the attributes
// are nothing.
//
//   int count_ GUARDED_BY(mutex_) = 0;        // read and written by holders of mutex_ alone
//   Worker* next_ PT_GUARDED_BY(mutex_);      // what it points to is
//   void grow() REQUIRES(mutex_);             // called by holders of mutex_
//   void note() EXCLUDES(mutex_);             // takes mutex_, so its holders must not call it
//
// The analysis compares expressions within one function. What is guarded by the mutex of another object,
// which it can't name, has a comment for that. Constructors and destructors are not looked at. A lambda is a
// function of its own, which holds nothing: so conditions are waited for in loops.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define THREAD_SAFETY(attribute)
#endif

#define GUARDED_BY(mutex) THREAD_SAFETY(guarded_by(mutex))
#define PT_GUARDED_BY(mutex) THREAD_SAFETY(pt_guarded_by(mutex))
#define REQUIRES(...) THREAD_SAFETY(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) THREAD_SAFETY(locks_excluded(__VA_ARGS__))

// For classes that are mutexes or locks themselves.
#define CAPABILITY(name) THREAD_SAFETY(capability(name))
#define SCOPED_CAPABILITY THREAD_SAFETY(scoped_lockable)
#define ACQUIRE(...) THREAD_SAFETY(acquire_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) THREAD_SAFETY(try_acquire_capability(__VA_ARGS__))  // (what it returns then, mutex)
#define RELEASE(...) THREAD_SAFETY(release_capability(__VA_ARGS__))

namespace aforro {

class CAPABILITY("mutex") Mutex {
 public:
  void lock() ACQUIRE() { mutex_.lock(); }
  bool try_lock() TRY_ACQUIRE(true) { return mutex_.try_lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;

  std::mutex mutex_;
};

// Holds a mutex while it lives, but for the time between unlock() and lock().
template <class M>
class SCOPED_CAPABILITY Lock {
 public:
  explicit Lock(M& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  // Takes over a mutex that this thread holds already, as after try_lock().
  Lock(M& mutex, std::adopt_lock_t /*held*/) REQUIRES(mutex) : mutex_(mutex) {}
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() RELEASE() {
    if (is_held_) mutex_.unlock();
  }

  void unlock() RELEASE() {
    is_held_ = false;
    mutex_.unlock();
  }
  void lock() ACQUIRE() {
    mutex_.lock();
    is_held_ = true;
  }

 private:
  M& mutex_;
  bool is_held_ = true;
};

// What threads wait on for a change of what a mutex guards. A wait releases the mutex, and holds it again
// when it returns, possibly without a reason:
//
//   while (!is_done_) done_.wait(mutex_);
//   while (!is_done_ && done_.wait_until(mutex_, until)) {}  // then is_done_ says whether it came in time
class CondVar {
 public:
  void wait(Mutex& mutex) REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }

  // False once that time has come.
  bool wait_until(Mutex& mutex, std::chrono::steady_clock::time_point until) REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    const std::cv_status status = condition_.wait_until(lock, until);
    lock.release();
    return status == std::cv_status::no_timeout;
  }

  // With the mutex held or without.
  void notify_one() noexcept { condition_.notify_one(); }
  void notify_all() noexcept { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace aforro

// Threads that take jobs from the queue and run their handlers. Woken by wake() when this process queues
// something, and by looking several times a second when another one does.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "jobs/queue.h"

namespace aforro::jobs {

// Does the work of one job; throws to say that it failed. May be called more than once for the same job, even
// at once where it takes longer than kLease. It must come to an end: nothing breaks it off.
using Handler = std::function<void(const Job&)>;

class Workers {
 public:
  // Starts `threads` threads, and sees to it that what is periodic comes. A job of a kind without a handler
  // fails.
  Workers(Queue& queue, std::map<std::string, Handler, std::less<>> handlers, int threads, Log& log,
          std::vector<Periodic> periodic = {});
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();  // stops

  void wake();  // something is due. Safe from any thread.
  void stop();  // starts no new job, returns when the running ones have ended

 private:
  void work();
  void keep_periodic();
  bool run_some();
  bool is_stopping();

  Queue& queue_;
  const std::map<std::string, Handler, std::less<>> handlers_;
  Log& log_;
  const std::vector<Periodic> periodic_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool due_ = true;  // what earlier processes left is looked at first
  bool stopping_ = false;
  std::chrono::steady_clock::time_point keep_next_{};
  std::vector<std::thread> threads_;
};

}  // namespace aforro::jobs

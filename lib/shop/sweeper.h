// A thread that expires reservations past their time, in small pieces, well within a second. Several at once,
// in whatever processes, do no harm: they share the work.
#pragma once

#include <thread>

#include "base/log.h"
#include "base/mutex.h"
#include "shop/order_book.h"

namespace aforro::shop {

class Sweeper {
 public:
  Sweeper(OrderBook& orders, Log& log);
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;
  ~Sweeper();  // returns when the piece that is under way has ended

 private:
  void work();
  bool is_stopped_within(std::chrono::milliseconds pause);

  OrderBook& orders_;
  Log& log_;
  Mutex mutex_;
  CondVar stopped_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace aforro::shop

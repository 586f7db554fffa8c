// The work that no request waits for: confirmations and the other jobs, and reservations that end.
#pragma once

#include <functional>
#include <memory>

#include "base/log.h"
#include "base/time.h"
#include "jobs/queue.h"
#include "jobs/workers.h"
#include "notify/confirmation.h"
#include "shop/order_book.h"
#include "shop/sweeper.h"
#include "sql/database.h"

namespace aforro::app {

class Background {
 public:
  // Begins at once. Any number of processes may do so on one database: they share the work. All must outlive
  // it. `told` is called after each commit of a confirmed order, besides.
  Background(sql::Database& database, const Clock& clock, Log& log, std::function<void()> told);
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // What is ordered there is confirmed without waiting for the next look at the queue.
  shop::OrderBook& orders() { return orders_; }

  // Another process may have queued a confirmation.
  void look() { workers_.wake(shop::kConfirmationJob); }

  // Begins nothing new and waits for what runs. Where that takes longer than a process that is told to end
  // has, ends it as a crash would: the jobs come again when their leases end.
  void end();

 private:
  Log& log_;
  jobs::Queue queue_;
  notify::LogChannel channel_;
  jobs::Workers workers_;
  shop::OrderBook orders_;
  shop::Sweeper sweeper_;
};

}  // namespace aforro::app

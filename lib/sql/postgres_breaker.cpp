// A circuit breaker. While a server is away each attempt to connect takes until its deadline, and with a
// thread in each of them none is left for requests that need no database. So after a failure one thread at a
// time tries, at most every kAwayFor; the others get the last reason at once.
#include "sql/postgres_breaker.h"

#include "base/problem.h"

namespace aforro::sql {
namespace {

constexpr std::chrono::milliseconds kAwayFor{200};  // after a failure, before the next attempt

}  // namespace

void PostgresBreaker::enter() {
  const Lock lock(mutex_);
  if (!failed_at_) return;
  if (is_tried_ || Clock::now() < *failed_at_ + kAwayFor) throw Unavailable(why_);
  is_tried_ = true;
}

void PostgresBreaker::succeeded() {
  forget_failure();
  const Lock lock(mutex_);
  is_tried_ = false;
}

void PostgresBreaker::forget_failure() {
  const Lock lock(mutex_);
  failed_at_.reset();
  ends_when_heard_ = false;
}

void PostgresBreaker::failed(const std::string& why, Until until) {
  const Lock lock(mutex_);
  failed_at_ = Clock::now();
  ends_when_heard_ = until == Until::heard;
  is_tried_ = false;
  why_ = why;  // for which there may be no memory
}

}  // namespace aforro::sql

// A circuit breaker. While a server is away each attempt to connect takes until its deadline, and with a
// thread in each of them none is left for requests that need no database. So after a failure one thread at a
// time tries, at most every kAwayFor; the others get the last reason at once.
//
// is_answered() is for sessions that hear nothing. If any session has heard the server lately it is not
// asked, so under load it never is. Otherwise one thread asks for all: the others wait at the lock, and find
// what it has learned.
#include "sql/postgres_breaker.h"

#include "base/problem.h"

namespace aforro::sql {
namespace {

constexpr std::chrono::milliseconds kAwayFor{200};      // after a failure, before the next attempt
constexpr std::chrono::milliseconds kHeardLately{300};  // then the server need not be asked

}  // namespace

void PostgresBreaker::enter() {
  const Lock lock(mutex_);
  if (!failed_at_) return;
  if (is_tried_ || Clock::now() < *failed_at_ + kAwayFor) throw Unavailable(why_);
  is_tried_ = true;
}

void PostgresBreaker::succeeded() {
  heard();
  const Lock lock(mutex_);
  is_tried_ = false;
}

void PostgresBreaker::forget_failure() {
  const Lock lock(mutex_);
  failed_at_.reset();
  has_failed_ = false;
}

void PostgresBreaker::failed(const std::string& why) {
  const Lock lock(mutex_);
  failed_at_ = Clock::now();
  has_failed_ = true;
  is_tried_ = false;
  why_ = why;  // for which there may be no memory
}

bool PostgresBreaker::is_answered(std::chrono::milliseconds patience) {
  const auto is_heard_lately = [this] {
    return Clock::now() < heard_at_.load(std::memory_order_relaxed) + kHeardLately;
  };
  if (is_heard_lately()) return true;
  const Lock probing(probing_);
  if (is_heard_lately()) return true;  // another thread has probed meanwhile
  {
    const Lock lock(mutex_);
    if (failed_at_) return false;
  }
  if (!probe_(patience)) {
    failed("the database server does not answer");
    return false;
  }
  heard();
  return true;
}

}  // namespace aforro::sql

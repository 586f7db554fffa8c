#include "sql/postgres_door.h"

#include "base/problem.h"

namespace aforro::sql {
namespace {

constexpr std::chrono::milliseconds kAwayFor{200};      // after a failure, before the next attempt
constexpr std::chrono::milliseconds kBelievedFor{300};  // what a knock has told

}  // namespace

void PostgresDoor::succeeded() {
  const std::lock_guard lock(mutex_);
  answered_at_ = Clock::now();
  failed_at_.reset();
  is_tried_ = false;
}

void PostgresDoor::failed(const std::string& why) {
  const std::lock_guard lock(mutex_);
  failed_at_ = Clock::now();
  why_ = why;
  is_tried_ = false;
}

std::unique_ptr<PostgresConnection> PostgresDoor::connect(
    FunctionRef<std::unique_ptr<PostgresConnection>()> attempt) {
  {
    const std::lock_guard lock(mutex_);
    if (failed_at_) {
      if (is_tried_ || Clock::now() < *failed_at_ + kAwayFor) throw Unavailable(why_);
      is_tried_ = true;
    }
  }
  try {
    auto connection = attempt();
    succeeded();
    return connection;
  } catch (const std::exception& fault) {
    failed(fault.what());
    throw;
  }
}

bool PostgresDoor::is_answered() {
  const std::lock_guard knocking(knocking_);
  {
    const std::lock_guard lock(mutex_);
    if (failed_at_) return false;
    if (Clock::now() < answered_at_ + kBelievedFor) return true;
  }
  const bool is_answered = knock_();
  if (is_answered) {
    const std::lock_guard lock(mutex_);
    answered_at_ = Clock::now();
  } else {
    failed("the database server does not answer");
  }
  return is_answered;
}

}  // namespace aforro::sql

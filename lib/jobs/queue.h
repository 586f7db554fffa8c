// The durable queue: a table of jobs that commit together with whatever asks for them. A job runs at least
// once: it leaves the table when its handler has returned, comes back when its worker is lost, and after
// kMaxAttempts stays as dead, to be looked at. Knows nothing of the shop.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sql/database.h"

namespace aforro::jobs {

inline constexpr std::int64_t kMaxAttempts = 20;
inline constexpr std::chrono::seconds kLease{
    30};  // after which a worker that has not come back counts as lost

struct Job {
  std::int64_t id;
  std::string kind;
  std::string payload;
  std::int64_t attempt;  // from 1
  Time leased_until;     // from then on another worker may have it
};

struct Failure {
  Job job;
  std::string error;
};

// How claimed jobs ended.
struct Outcome {
  std::vector<Job> done;
  std::vector<Failure> failed;
  std::vector<Job> not_begun;
};

// Inside the transaction of whoever asks. The job is due at once.
void enqueue(sql::Connection& connection, std::string_view kind, std::string_view payload, Time now);

// Safe from any thread and, each being a transaction, from any process.
class Queue {
 public:
  Queue(sql::Database& database, const Clock& clock);

  // True if a job is due. Reads only.
  bool has_due();

  // Takes up to `limit` due jobs, each leased to the caller for kLease and counted as an attempt. One whose
  // last attempt was lost with its worker is dead.
  std::vector<Job> claim(std::int64_t limit);

  // True while a claimed job's lease is young enough to begin its work.
  bool may_begin(const Job& job) const;

  // Ends claimed jobs: the done ones leave; the failed ones wait for their next attempt (1 s, 2 s, 4 s … an
  // hour, up to a quarter more by chance) or, after the last, are dead; those not begun are due again at
  // once, and the attempt does not count. A job that another worker has claimed since stays that one's,
  // unless done.
  void finish(const Outcome& outcome);

 private:
  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace aforro::jobs

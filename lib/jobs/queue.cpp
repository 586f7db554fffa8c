#include "jobs/queue.h"

#include <algorithm>
#include <random>

namespace aforro::jobs {
namespace {

constexpr std::chrono::microseconds kFirstPause = std::chrono::seconds{1};
constexpr std::chrono::microseconds kLongestPause = std::chrono::hours{1};

std::chrono::microseconds pause_after(std::int64_t attempt) {
  const auto doublings = std::min<std::int64_t>(attempt - 1, 12);
  const auto pause = std::min(kFirstPause * (std::int64_t{1} << doublings), kLongestPause);
  thread_local std::minstd_rand random(std::random_device{}());
  return pause +
         std::chrono::microseconds(std::uniform_int_distribution<std::int64_t>(0, pause.count() / 4)(random));
}

}  // namespace

void enqueue(sql::Connection& connection, std::string_view kind, std::string_view payload, Time now) {
  connection.run(
      "INSERT INTO jobs (kind, payload, state, run_at, created_at) VALUES ($1, $2, 'waiting', $3, $3)",
      {kind, payload, now.micros()});
}

Queue::Queue(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

bool Queue::has_due() {
  const Time now = clock_.now();
  return database_.read([&](sql::Connection& connection) {
    return connection
        .maybe_integer("SELECT 1 FROM jobs WHERE state = 'waiting' AND run_at <= $1 LIMIT 1", {now.micros()})
        .has_value();
  });
}

std::vector<Job> Queue::claim(std::int64_t limit) {
  const Time now = clock_.now();
  const Time until = now + kLease;
  return database_.write([&](sql::Connection& connection) {
    std::vector<Job> jobs;
    sql::ParamRows leases;
    sql::ParamRows lost;
    sql::Composed select(
        "SELECT id, kind, payload, attempts FROM jobs WHERE state = 'waiting' AND run_at <= $1"
        " ORDER BY run_at, id LIMIT $2");
    select += connection.dialect().for_update_skip_locked;
    connection.query(select, {now.micros(), limit}, [&](const sql::Row& row) {
      if (row.integer(3) >= kMaxAttempts) {
        lost.add({row.integer(0)});
        return;
      }
      leases.add({row.integer(0), until.micros()});
      jobs.push_back({.id = row.integer(0),
                      .kind = std::string(row.text(1)),
                      .payload = std::string(row.text(2)),
                      .attempt = row.integer(3) + 1,
                      .leased_until = until});
    });
    connection.for_each("UPDATE jobs SET attempts = attempts + 1, run_at = $2 WHERE id = $1", leases);
    connection.for_each(
        "UPDATE jobs SET state = 'dead', last_error = coalesce(last_error, 'its worker was lost') WHERE id = "
        "$1",
        lost);
    return jobs;
  });
}

bool Queue::may_begin(const Job& job) const { return clock_.now() + kLease / 2 < job.leased_until; }

void Queue::finish(const Outcome& outcome) {
  const Time now = clock_.now();
  // The number of attempts tells whose a job is: whoever claims it raises it.
  sql::ParamRows gone;
  for (const Job& job : outcome.done) gone.add({job.id});
  sql::ParamRows back;
  for (const Job& job : outcome.not_begun) back.add({job.id, job.attempt, now.micros()});
  sql::ParamRows waiting;
  sql::ParamRows dead;
  for (const auto& [job, error] : outcome.failed) {
    if (job.attempt >= kMaxAttempts) {
      dead.add({job.id, job.attempt, error});
    } else {
      waiting.add({job.id, job.attempt, error, (now + pause_after(job.attempt)).micros()});
    }
  }
  database_.write([&](sql::Connection& connection) {
    connection.for_each("DELETE FROM jobs WHERE id = $1", gone);
    connection.for_each(
        "UPDATE jobs SET attempts = attempts - 1, run_at = $3 WHERE id = $1 AND attempts = $2", back);
    connection.for_each("UPDATE jobs SET last_error = $3, run_at = $4 WHERE id = $1 AND attempts = $2",
                        waiting);
    connection.for_each("UPDATE jobs SET last_error = $3, state = 'dead' WHERE id = $1 AND attempts = $2",
                        dead);
  });
}

}  // namespace aforro::jobs

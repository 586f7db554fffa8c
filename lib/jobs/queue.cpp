// The queue is a table of the database (a transactional outbox), so that a job commits with the order that
// asks for it. A message broker beside the database would commit by itself, and a crash between the two
// commits would leave an order without its job, or a job without its order.
//
// A claim is a lease, and one column and one index serve both: `run_at` says when a waiting job is due, and,
// while a worker has it, when its lease ends. A worker that dies leaves nothing to clean up; its job becomes
// due again. `attempts` and `run_at` together name the claim: each changes with the next one, so a worker
// that comes back late names a claim that is over, and its statement changes nothing. Only the DELETE of a
// job that is done goes by the id alone, since done is done.
//
// An attempt is counted when it begins. A job that takes its process down never reports a failure, and would
// otherwise be run for ever. From its second attempt on a job is claimed alone: while a batch shared the fate
// of one such job, all of the batch were dead after as many crashes.
#include "jobs/queue.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <random>
#include <tuple>
#include <utility>

#include "base/problem.h"
#include "base/text.h"

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

// The text of an error comes from a handler: it may hold bytes that no engine keeps as text. A text that
// can't be stored would fail the transaction, and with it the outcome of the other jobs.
std::string storable(std::string_view error) {
  constexpr std::size_t kMaxBytes = 1'000;
  std::string text(error.substr(0, kMaxBytes));
  const bool is_valid = is_valid_utf8(error);
  while (is_valid && !is_valid_utf8(text)) text.pop_back();  // cut within a character
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || (byte >= 0x80 && !is_valid)) c = '?';
  }
  return text;
}

std::optional<std::chrono::microseconds> period_of(const sql::Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return std::chrono::microseconds(row.integer(column));
}

// How far ahead its next run can lie at most, unless the clock was set back.
std::chrono::microseconds reach(const Periodic& periodic) {
  return std::max<std::chrono::microseconds>({periodic.period, kLongestPause * 5 / 4, kLease});
}

JobRecord record_of(const sql::Row& row) {
  return {.id = row.integer(0),
          .kind = std::string(row.text(1)),
          .payload = std::string(row.text(2)),
          .is_dead = row.text(3) == "dead",
          .run_at = Time::from_micros(row.integer(4)),
          .attempts = row.integer(5),
          .last_error = row.is_null(6) ? std::nullopt : std::optional(std::string(row.text(6))),
          .period = period_of(row, 7),
          .created_at = Time::from_micros(row.integer(8))};
}

// One look into the index for each kind, however many jobs there are (a loose index scan).
std::vector<std::string> kinds_waiting(sql::Connection& connection) {
  std::vector<std::string> kinds;
  const auto next = [&] {
    const std::string after = kinds.empty() ? "" : kinds.back();
    bool found = false;
    connection.query("SELECT min(kind) FROM jobs WHERE state = 'waiting' AND kind > $1", {after},
                     [&](const sql::Row& row) {
                       found = !row.is_null(0);
                       if (found) kinds.emplace_back(row.text(0));
                     });
    return found;
  };
  while (next()) {
  }
  return kinds;
}

// Runs a statement that ends in the ids of its rows, for many of them at a time: to PostgreSQL most of a
// statement about one row is its beginning and end. What is left over repeats the last id, so that there are
// two texts to prepare and not one for each number of ids. $1 is the value.
void for_ids(sql::Connection& connection, sql::Text statement, std::span<const std::int64_t> ids,
             const sql::Param& value) {
  constexpr std::size_t kTogether = 16;
  std::vector<sql::Param> params;
  params.reserve(1 + kTogether);
  for (std::size_t at = 0; at < ids.size(); at += kTogether) {
    const auto some = ids.subspan(at, std::min(kTogether, ids.size() - at));
    params.assign(1, value);
    params.insert(params.end(), some.begin(), some.end());
    sql::Composed text(statement);
    if (some.size() == 1) {
      text += "($2)";
    } else {
      params.resize(1 + kTogether, some.back());
      text += "($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    }
    connection.run(text, params);
  }
}

// Throws Problem unless the statement has found its dead job.
void require_dead(sql::Connection& connection, std::int64_t id, bool is_found) {
  if (is_found) return;
  const std::string name = "job " + std::to_string(id);
  if (!connection.maybe_integer("SELECT 1 FROM jobs WHERE id = $1", {id})) {
    throw Problem::not_found("there is no " + name + "; one that is done is gone");
  }
  throw Problem(Problem::Kind::conflict, name + " is not dead: it will be run by itself");
}

}  // namespace

void enqueue(sql::Connection& connection, std::string_view kind, std::string_view payload, Time now,
             std::chrono::microseconds after) {
  assert(!kind.empty());
  connection.run(
      "INSERT INTO jobs (kind, payload, state, run_at, created_at) VALUES ($1, $2, 'waiting', $3, $4)",
      {kind, payload, (now + after).micros(), now.micros()});
}

Queue::Queue(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

bool Queue::has_due(std::string_view kind) {
  const Time now = clock_.now();
  return database_.read([&](sql::Connection& connection) {
    return connection
        .maybe_integer("SELECT 1 FROM jobs WHERE state = 'waiting' AND kind = $1 AND run_at <= $2 LIMIT 1",
                       {kind, now.micros()})
        .has_value();
  });
}

std::vector<bool> Queue::have_due(std::span<const std::string> kinds) {
  const Time now = clock_.now();
  sql::ParamRows asked;
  for (const std::string& kind : kinds) asked.add({kind, now.micros()});
  return database_.read([&](sql::Connection& connection) {
    std::vector<bool> have(kinds.size());
    connection.for_each("SELECT 1 FROM jobs WHERE state = 'waiting' AND kind = $1 AND run_at <= $2 LIMIT 1",
                        asked, [&](std::size_t i, const sql::Row&) { have[i] = true; });
    return have;
  });
}

std::vector<Job> Queue::claim(std::string_view kind, std::int64_t limit) {
  for (;;) {
    Claim claim = try_to_claim(kind, limit);
    if (!claim.jobs.empty() || claim.buried == 0) return std::move(claim.jobs);
  }
}

// Jobs that have had their last attempt are buried here and not handed out. All jobs of a claim may be such,
// so claim() tries again while there are any.
Queue::Claim Queue::try_to_claim(std::string_view kind, std::int64_t limit) {
  const Time now = clock_.now();
  return database_.write([&](sql::Connection& connection) {
    std::vector<Job> jobs;
    std::vector<std::int64_t> leased;
    Time lease_end = now + kLease;  // of all: one that has an end of its own comes alone
    sql::ParamRows lost;
    sql::ParamRows again;
    sql::Composed select(
        "SELECT id, payload, attempts, period FROM jobs WHERE state = 'waiting' AND kind = $1"
        " AND run_at <= $2 ORDER BY run_at, id LIMIT $3");
    select += connection.dialect().for_update_skip_locked;
    bool is_alone = false;  // the first of them has been begun before
    connection.query(select, {kind, now.micros(), limit}, [&](const sql::Row& row) {
      const std::int64_t id = row.integer(0);
      const std::int64_t attempts = row.integer(2);
      const auto period = period_of(row, 3);
      if (attempts >= kMaxAttempts) {
        if (period) {
          again.add({id, (now + *period).micros()});
        } else {
          lost.add({id, now.micros()});
        }
        return;
      }
      if (is_alone || (attempts > 0 && !jobs.empty())) return;
      is_alone = attempts > 0;
      if (is_alone) lease_end = lease_end + pause_after(attempts);
      leased.push_back(id);
      jobs.push_back({.id = id,
                      .kind = std::string(kind),
                      .payload = std::string(row.text(1)),
                      .attempt = attempts + 1,
                      .leased_until = lease_end,
                      .period = period});
    });
    for_ids(connection, "UPDATE jobs SET attempts = attempts + 1, run_at = $1 WHERE id IN ", leased,
            lease_end.micros());
    connection.for_each(
        "UPDATE jobs SET state = 'dead', run_at = $2, last_error = coalesce(last_error, 'its worker was "
        "lost')"
        " WHERE id = $1",
        lost);
    connection.for_each("UPDATE jobs SET attempts = 0, run_at = $2 WHERE id = $1", again);
    return Claim{std::move(jobs), lost.size() + again.size()};
  });
}

// A lease counts as the caller's if it ends as the caller knows, or as the caller wants it: then an earlier
// call with the same values, whose outcome was not known, has renewed it.
std::vector<bool> Queue::renew(std::span<const Renewal> renewals) {
  sql::ParamRows leases;
  for (const auto& [job, until] : renewals) {
    leases.add({job.id, job.attempt, job.leased_until.micros(), until.micros()});
  }
  return database_.write([&](sql::Connection& connection) {
    std::vector<bool> is_ours(renewals.size());
    connection.for_each(
        "UPDATE jobs SET run_at = $4 WHERE id = $1 AND state = 'waiting' AND attempts = $2"
        " AND run_at IN ($3, $4) RETURNING 1",
        leases, [&](std::size_t i, const sql::Row&) { is_ours[i] = true; });
    return is_ours;
  });
}

bool Queue::may_begin(const Job& job) const { return clock_.now() + kLease / 2 < job.leased_until; }

void Queue::finish(const Outcome& outcome) {
  const Time now = clock_.now();
  // The number of attempts and the end of the lease name the claim that ends here; the next claim changes
  // both.
  std::vector<std::int64_t> gone;
  sql::ParamRows again;
  for (const Job& job : outcome.done) {
    if (job.period) {
      again.add({job.id, job.attempt, job.leased_until.micros(), nullptr, (now + *job.period).micros()});
    } else {
      gone.push_back(job.id);
    }
  }
  sql::ParamRows back;
  for (const Job& job : outcome.not_begun) {
    back.add({job.id, job.attempt, job.leased_until.micros(), now.micros()});
  }
  std::vector<std::string> errors;
  errors.reserve(outcome.failed.size());
  sql::ParamRows waiting;
  sql::ParamRows dead;
  for (const auto& [job, error] : outcome.failed) {
    const std::string& kept = errors.emplace_back(storable(error));
    const Time next = now + pause_after(job.attempt);
    const bool was_last = job.attempt >= kMaxAttempts;
    auto& rows = !was_last ? waiting : job.period ? again : dead;
    rows.add({job.id, job.attempt, job.leased_until.micros(), kept,
              was_last && !job.period ? now.micros() : next.micros()});
  }
  database_.write([&](sql::Connection& connection) {
    // By the id alone: a job that is done is not to be run once more, whichever worker has it now.
    for_ids(connection, "DELETE FROM jobs WHERE id IN ", gone, nullptr);
    connection.for_each(
        "UPDATE jobs SET attempts = 0, last_error = $4, run_at = $5"
        " WHERE id = $1 AND attempts = $2 AND run_at = $3",
        again);
    connection.for_each(
        "UPDATE jobs SET attempts = attempts - 1, run_at = $4 WHERE id = $1 AND attempts = $2 AND run_at = "
        "$3",
        back);
    connection.for_each(
        "UPDATE jobs SET last_error = $4, run_at = $5 WHERE id = $1 AND attempts = $2 AND run_at = $3",
        waiting);
    connection.for_each(
        "UPDATE jobs SET last_error = $4, run_at = $5, state = 'dead'"
        " WHERE id = $1 AND attempts = $2 AND run_at = $3",
        dead);
  });
}

// Reads first and writes only what is missing or out of reach: the keeper calls this again and again, and
// mostly all is in place.
void Queue::keep(std::span<const Periodic> periodic) {
  const Time now = clock_.now();
  sql::ParamRows kinds;
  for (const Periodic& each : periodic) kinds.add({each.kind});
  std::vector<bool> is_kept(periodic.size());
  database_.read([&](sql::Connection& connection) {
    connection.for_each("SELECT period, run_at FROM jobs WHERE kind = $1 AND period IS NOT NULL", kinds,
                        [&](std::size_t i, const sql::Row& row) {
                          is_kept[i] = row.integer(0) == periodic[i].period.count() &&
                                       row.integer(1) <= (now + reach(periodic[i])).micros();
                        });
  });
  sql::ParamRows rows;
  for (std::size_t i = 0; i < periodic.size(); ++i) {
    const Periodic& each = periodic[i];
    if (!is_kept[i]) rows.add({each.kind, now.micros(), each.period.count(), (now + reach(each)).micros()});
  }
  if (rows.size() == 0) return;
  database_.write([&](sql::Connection& connection) {
    connection.for_each(
        "INSERT INTO jobs (kind, payload, state, run_at, created_at, period)"
        " VALUES ($1, '', 'waiting', $2, $2, $3) ON CONFLICT (kind) WHERE period IS NOT NULL"
        " DO UPDATE SET period = excluded.period,"
        " run_at = CASE WHEN jobs.run_at > $4 THEN excluded.run_at ELSE jobs.run_at END",
        rows);
  });
}

std::vector<JobRecord> Queue::list(std::int64_t limit) {
  return database_.read([&](sql::Connection& connection) {
    std::vector<JobRecord> jobs;
    connection.query(
        "SELECT id, kind, payload, state, run_at, attempts, last_error, period, created_at FROM jobs"
        " WHERE state = 'dead' ORDER BY run_at, id LIMIT $1",
        {limit}, [&](const sql::Row& row) { jobs.push_back(record_of(row)); });
    const std::int64_t left = limit - static_cast<std::int64_t>(jobs.size());
    std::vector<JobRecord> waiting;
    const std::vector<std::string> kinds = kinds_waiting(connection);
    for (const std::string& kind : kinds) {
      connection.query(
          "SELECT id, kind, payload, state, run_at, attempts, last_error, period, created_at FROM jobs"
          " WHERE state = 'waiting' AND kind = $2 ORDER BY run_at, id LIMIT $1",
          {left, kind}, [&](const sql::Row& row) { waiting.push_back(record_of(row)); });
    }
    std::sort(waiting.begin(), waiting.end(), [](const JobRecord& a, const JobRecord& b) {
      return std::tuple(a.run_at, a.id) < std::tuple(b.run_at, b.id);
    });
    waiting.resize(std::min(waiting.size(), static_cast<std::size_t>(left)));
    std::move(waiting.begin(), waiting.end(), std::back_inserter(jobs));
    return jobs;
  });
}

void Queue::retry(std::int64_t id) {
  const Time now = clock_.now();
  database_.write([&](sql::Connection& connection) {
    const auto found = connection.maybe_integer(
        "UPDATE jobs SET state = 'waiting', attempts = 0, run_at = $2 WHERE id = $1 AND state = 'dead'"
        " RETURNING id",
        {id, now.micros()});
    require_dead(connection, id, found.has_value());
  });
}

void Queue::discard(std::int64_t id) {
  database_.write([&](sql::Connection& connection) {
    const auto found =
        connection.maybe_integer("DELETE FROM jobs WHERE id = $1 AND state = 'dead' RETURNING id", {id});
    require_dead(connection, id, found.has_value());
  });
}

std::int64_t Queue::prune(std::int64_t limit) {
  const Time before = clock_.now() - kDeadLife;
  return database_.write([&](sql::Connection& connection) {
    std::int64_t gone = 0;
    connection.query(
        "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state = 'dead' AND run_at < $1"
        " ORDER BY run_at, id LIMIT $2) RETURNING id",
        {before.micros(), limit}, [&](const sql::Row&) { ++gone; });
    return gone;
  });
}

}  // namespace aforro::jobs

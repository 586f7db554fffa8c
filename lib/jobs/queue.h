// The durable queue: a table of jobs, each of which commits together with the change that asks for it. A job
// runs at least once: it leaves the table when its handler has returned, comes back when its worker is lost,
// and after kMaxAttempts stays as dead for kDeadLife, to be looked at. Knows nothing of the shop.
//
// A job is claimed by its kind, so a process takes no job that it has no handler for: that job waits for a
// process of a version of the program that has one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sql/database.h"

namespace aforro::jobs {

inline constexpr std::int64_t kMaxAttempts = 20;
inline constexpr std::chrono::seconds kLease{
    30};  // after which a worker that has not come back counts as lost
inline constexpr std::chrono::hours kDeadLife{30 * 24};

struct Job {
  std::int64_t id;
  std::string kind;
  std::string payload;
  std::int64_t attempt;                                  // from 1
  Time leased_until;                                     // from then on another worker may have it
  std::optional<std::chrono::microseconds> period = {};  // of one that comes again when it is done
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

// Work that is to be done again and again, by one worker of all processes each time.
struct Periodic {
  std::string kind;
  std::chrono::microseconds period;  // from the end of one run to the next
};

// A job as it stands in the table, as commands list it.
struct JobRecord {
  std::int64_t id;
  std::string kind;
  std::string payload;
  bool is_dead;
  Time run_at;  // when it is due; while a worker has it: when it counts as lost; of a dead one: when it died
  std::int64_t attempts;
  std::optional<std::string> last_error;
  std::optional<std::chrono::microseconds> period;
  Time created_at;
};

// A lease that is to last until then.
struct Renewal {
  Job job;
  Time until;
};

// Adds a job within the caller's transaction. It is due after `after`, or at once. `kind` must not be empty.
void enqueue(sql::Connection& connection, std::string_view kind, std::string_view payload, Time now,
             std::chrono::microseconds after = {});

// Safe from any thread and, each being a transaction, from any process.
class Queue {
 public:
  Queue(sql::Database& database, const Clock& clock);

  // True if a job of this kind is due. Reads only.
  bool has_due(std::string_view kind);

  // As the database's, where it costs nothing: while it stands still, nothing was queued.
  std::optional<std::uint64_t> change_mark() {
    return database_.is_mark_at_hand() ? database_.change_mark() : std::nullopt;
  }

  // For each of the kinds, in their order, whether a job of it is due.
  std::vector<bool> have_due(std::span<const std::string> kinds);

  // Takes up to `limit` due jobs of a kind, each leased to the caller for kLease and counted as an attempt. A
  // job that was begun before comes alone, and its lease is a pause longer: if it takes its worker down, no
  // other job is lost with it, and the next worker is not taken down soon. A job whose last attempt was lost
  // with its worker is dead. (A job that was claimed with others, and lost before it was begun, has lost an
  // attempt that it never had. That happens once, as it comes alone from then on.)
  std::vector<Job> claim(std::string_view kind, std::int64_t limit);

  // Makes leases last longer, all in one transaction, and says of each whether it still was the caller's. May
  // be repeated with the same values when its outcome is not known.
  std::vector<bool> renew(std::span<const Renewal> renewals);

  // True while a claimed job's lease is young enough to begin its work.
  bool may_begin(const Job& job) const;

  // Ends claimed jobs: the done ones leave; the failed ones wait for their next attempt (1 s, 2 s, 4 s … an
  // hour, up to a quarter more by chance) or, after the last, are dead; those not begun are due again at
  // once, and the attempt does not count. A job that another worker has claimed since is left to that worker,
  // unless it is done. A periodic job never leaves and never dies: it is due again a period after its end,
  // and after its last attempt begins anew. May be repeated when its outcome is not known.
  void finish(const Outcome& outcome);

  // Makes sure that each periodic job is in the table, once, with this period. To be called now and then: if
  // the wall clock was set back, a job that it has put out of reach becomes due at once.
  void keep(std::span<const Periodic> periodic);

  // The dead jobs by when they died, then the waiting ones by when they are due; at most `limit`.
  std::vector<JobRecord> list(std::int64_t limit);

  // A dead job begins anew, due at once, or is removed. Throws Problem: not_found if there is no such job,
  // conflict if it is not dead.
  void retry(std::int64_t id);
  void discard(std::int64_t id);

  // Removes up to `limit` jobs that died more than kDeadLife ago; returns how many.
  std::int64_t prune(std::int64_t limit);

 private:
  struct Claim {
    std::vector<Job> jobs;
    std::size_t buried;
  };
  Claim try_to_claim(std::string_view kind, std::int64_t limit);

  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace aforro::jobs

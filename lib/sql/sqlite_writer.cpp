// Group commit. SQLite has one writer at a time, and a durable commit waits for the disk to sync; a
// transaction for each order would sync for each order. So one thread takes all that wait, up to max_batch,
// runs them in one transaction and syncs once. It waits for no batch to fill: a batch is what has queued up
// while the last one was committed. An idle server therefore commits at once, and a busy one in ever larger
// groups.
//
// Pieces in one transaction must not pay for each other. A piece that is refused undoes itself alone, by its
// savepoint. A fault of disk or memory may take the whole transaction with it (SQLite rolls back under the
// savepoints), and so may a COMMIT that fails. No caller has been answered by then, so the pieces are run
// again one by one, each in a transaction of its own: those that were not at fault succeed, or learn from
// their own attempt that the disk is full.
//
// Each piece has a deadline for getting the lock, from when its caller came, and not the batch as a whole:
// see begin().
#include "sql/sqlite_writer.h"

#include <algorithm>
#include <cassert>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/problem.h"

namespace aforro::sql {
namespace {

template <class Fault>
std::exception_ptr fault_of(const char* what) noexcept {
  try {
    return std::make_exception_ptr(Fault(what));
  } catch (const std::bad_alloc&) {
    return std::current_exception();  // no memory for the fault: that is a reason, too
  }
}

// The same fault as an object of its own: no two threads are to share one, see finish().
std::exception_ptr made_anew(const std::exception_ptr& fault) noexcept {
  try {
    std::rethrow_exception(fault);
  } catch (const Unavailable& passing) {
    return fault_of<Unavailable>(passing.what());
  } catch (const std::bad_alloc&) {
    return std::make_exception_ptr(std::bad_alloc());
  } catch (const std::exception& lasting) {
    return fault_of<std::runtime_error>(lasting.what());
  }
}

// What the caller of a piece that had a transaction of its own is to be told of its fault.
std::exception_ptr as_told(const std::exception_ptr& fault) noexcept {
  try {
    std::rethrow_exception(fault);
  } catch (const SyncFailed& unsynced) {
    return fault_of<OutcomeUnknown>(unsynced.what());
  } catch (...) {
    return fault;
  }
}

}  // namespace

SqliteWriter::SqliteWriter(const SqliteFile& file, const SqliteOptions& options, SqliteLog& log,
                           int known_schema)
    : file_(file),
      options_(options),
      log_(log),
      admission_(options.max_writes, "too many writes are waiting"),
      known_schema_(known_schema),
      connection_(file, SqliteConnection::Role::writer, options.deadline) {
  batch_.reserve(options.max_batch);
  log_.attach(connection_);
  thread_ = std::thread([this] { work(); });
}

SqliteWriter::~SqliteWriter() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void SqliteWriter::write(FunctionRef<void(Connection&)> piece) {
  assert(std::this_thread::get_id() != thread_.get_id() && "a write inside a write");
  const Admission::Pass pass(admission_);
  // On the caller's stack: the caller waits below until the writer is done with it.
  Waiting waiting{.piece = piece, .deadline = std::chrono::steady_clock::now() + options_.deadline};
  {
    const Lock lock(mutex_);
    queue_.push_back(&waiting);
  }
  work_.notify_one();
  waiting.finished.wait();
  if (waiting.error) std::rethrow_exception(waiting.error);
}

bool SqliteWriter::between_transactions(FunctionRef<void(SqliteConnection&)> errand,
                                        std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  Errand waiting{.run = errand};
  const Lock lock(mutex_);
  errands_.push_back(&waiting);
  work_.notify_one();
  while (!waiting.is_done && errand_done_.wait_until(mutex_, until)) {
  }
  // Not begun: it is withdrawn. If it has been taken already, its end must be waited for.
  if (std::erase(errands_, &waiting) > 0) return false;
  while (!waiting.is_done) errand_done_.wait(mutex_);
  return true;
}

SqliteWriter::Progress SqliteWriter::progress() const {
  const Lock lock(mutex_);
  return progress_;
}

std::optional<SqliteWriter::Fault> SqliteWriter::last_fault() const {
  const Lock lock(mutex_);
  return last_fault_;
}

std::size_t SqliteWriter::waiting() const {
  const Lock lock(mutex_);
  return queue_.size();
}

// Moves the error: the waiting thread must have the only reference. Threads that share one count references
// inside the standard library, where the thread sanitizer does not see that freeing it comes after reading
// it.
void SqliteWriter::finish(Waiting& waiting, std::exception_ptr error) {
  waiting.error = std::move(error);
  waiting.finished.complete();
}

// Runs the errands that wait, then takes what is queued as the next batch. False at the end.
bool SqliteWriter::take() {
  Lock lock(mutex_);
  progress_.doing = Progress::Doing::nothing;
  for (;;) {
    while (!stopping_ && queue_.empty() && errands_.empty()) work_.wait(mutex_);
    if (errands_.empty()) break;
    Errand* const errand = errands_.front();
    errands_.pop_front();
    lock.unlock();
    errand->run(connection_);
    lock.lock();
    errand->is_done = true;
    errand_done_.notify_all();
  }
  progress_ = {.doing = Progress::Doing::waiting_for_lock, .since = std::chrono::steady_clock::now()};
  const std::size_t count = std::min(queue_.size(), options_.max_batch);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
  batch_.assign(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  return !batch_.empty();
}

void SqliteWriter::work() {
  while (take()) {
    if (!begin()) continue;
    if (run_together()) {
      for (Waiting* waiting : batch_) finish(*waiting, std::move(waiting->error));
    } else {
      for (Waiting* waiting : batch_) run_alone(*waiting);
    }
    log_.after_commit(connection_);
  }
}

// Throws Unavailable if what is written now would not be found again: file or log are not where they were.
void SqliteWriter::begin_transaction() {
  file_.require_in_place();
  connection_.begin_immediate();
  try {
    connection_.require_schema_for(known_schema_);
    require_whole_log();
  } catch (...) {
    roll_back();
    throw;
  }
  log_.begun(connection_);
}

// Throws if the log was cut off: the next frames would make it long enough again, and so hide that it was.
// With the write lock held, no process that keeps to SQLite's rules can be cutting it off.
void SqliteWriter::require_whole_log() {
  const auto index = connection_.log_index();
  if (!index || file_.log_bytes() >= index->log_bytes()) return;
  file_.require_in_place();  // it may have been taken away just now, and come back
  file_.give_up(kLogIsLost);
  throw Unavailable(kLogIsLost);
}

void SqliteWriter::commit() {
  log_.before_commit(connection_);
  connection_.run("COMMIT");
  const Lock lock(mutex_);
  last_fault_.reset();
}

// Notes the fault of a transaction that could not commit. A lock that another process holds is no fault.
void SqliteWriter::note(const std::exception_ptr& fault) {
  bool is_full_disk = false;
  try {
    std::rethrow_exception(fault);
  } catch (const LockTimeout&) {
    return;
  } catch (const DiskFull&) {
    is_full_disk = true;
  } catch (const Unavailable&) {
  } catch (...) {
    return;
  }
  if (is_full_disk) log_.make_room(connection_);
  const Lock lock(mutex_);
  last_fault_ = Fault{.is_full_disk = is_full_disk, .when = std::chrono::steady_clock::now()};
}

// Begins the batch's transaction. While another process holds the write lock, pieces whose deadline passes
// fail and leave the batch; the others keep waiting. Any other fault fails all of them. False if no piece is
// left.
bool SqliteWriter::begin() {
  while (!batch_.empty()) {
    const auto earliest = *std::min_element(
        batch_.begin(), batch_.end(), [](const auto* a, const auto* b) { return a->deadline < b->deadline; });
    connection_.set_lock_deadline(earliest->deadline);
    std::exception_ptr fault;
    try {
      begin_transaction();
      const Lock lock(mutex_);
      progress_.doing = Progress::Doing::writing;
      return true;
    } catch (...) {
      fault = std::current_exception();
    }
    const auto now = std::chrono::steady_clock::now();
    const bool timed_out = earliest->deadline <= now;
    std::erase_if(batch_, [&](Waiting* waiting) {
      if (timed_out && waiting->deadline > now) return false;
      finish(*waiting, made_anew(fault));
      return true;
    });
  }
  return false;
}

// True if the transaction was committed: then each piece has succeeded or has its own error. False if it is
// gone as a whole.
bool SqliteWriter::run_together() {
  try {
    for (Waiting* waiting : batch_) {
      connection_.run("SAVEPOINT piece");
      try {
        waiting->error = nullptr;
        waiting->piece(connection_);
      } catch (const Unavailable&) {
        throw;
      } catch (...) {
        // SQLite has rolled the transaction back: no savepoint is left to go back to.
        if (!connection_.in_transaction()) throw;
        waiting->error = std::current_exception();
        connection_.run("ROLLBACK TO piece");
      }
      connection_.run("RELEASE piece");
    }
    commit();
    return true;
  } catch (...) {
    const std::exception_ptr fault = std::current_exception();
    roll_back();
    note(fault);
    return false;
  }
}

void SqliteWriter::run_alone(Waiting& waiting) {
  std::exception_ptr error;
  try {
    connection_.set_lock_deadline(waiting.deadline);
    begin_transaction();
    waiting.piece(connection_);
    commit();
  } catch (...) {
    error = std::current_exception();
    roll_back();
    note(error);
    error = as_told(error);
  }
  finish(waiting, std::move(error));
}

void SqliteWriter::roll_back() {
  try {
    if (connection_.in_transaction()) connection_.run("ROLLBACK");
  } catch (const std::exception&) {
    // SQLite has rolled back by itself; if not, that is done before the next BEGIN.
  }
}

}  // namespace aforro::sql

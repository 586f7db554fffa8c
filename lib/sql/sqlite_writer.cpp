// Why a batch is more than a loop. A piece that is refused undoes itself alone, by its savepoint. A fault of
// disk or memory may take the whole transaction with it (SQLite rolls back under the savepoints), and so may
// a COMMIT that fails. Nobody has been acknowledged by then, so the pieces are run again one by one, each in
// a transaction of its own: the innocent succeed or learn that the disk is full from their own attempt.
#include "sql/sqlite_writer.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/problem.h"

namespace aforro::sql {

SqliteWriter::SqliteWriter(const std::filesystem::path& file, const SqliteOptions& options)
    : options_(options),
      connection_(file, SqliteConnection::Role::writer, options.deadline),
      thread_([this] { work(); }) {}

SqliteWriter::~SqliteWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void SqliteWriter::write(FunctionRef<void(Connection&)> piece) {
  assert(std::this_thread::get_id() != thread_.get_id() && "a write inside a write");
  Waiting waiting{.piece = piece, .deadline = std::chrono::steady_clock::now() + options_.deadline};
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.max_queued) throw Unavailable("too many writes are waiting");
    queue_.push_back(&waiting);
  }
  work_.notify_one();
  waiting.finished.wait();
  if (waiting.error) std::rethrow_exception(waiting.error);
}

std::size_t SqliteWriter::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

// The error goes with the last reference to it: the threads that count them do so inside the standard
// library, where the thread sanitizer does not see that freeing one comes after reading it.
void SqliteWriter::finish(Waiting& waiting, std::exception_ptr error) {
  waiting.error = std::move(error);
  waiting.finished.complete();
}

SqliteWriter::Batch SqliteWriter::take() {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
  const std::size_t count = std::min(queue_.size(), options_.max_batch);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
  Batch batch(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  return batch;
}

void SqliteWriter::work() {
  for (Batch batch = take(); !batch.empty(); batch = take()) {
    if (!begin(batch)) continue;
    if (run_together(batch)) {
      for (Waiting* waiting : batch) finish(*waiting, std::move(waiting->error));
    } else {
      for (Waiting* waiting : batch) run_alone(*waiting);
    }
  }
}

// Opens the transaction, waiting for another process that holds the lock. Whoever's deadline passes meanwhile
// is turned away and leaves the batch. False if nobody is left.
bool SqliteWriter::begin(Batch& batch) {
  while (!batch.empty()) {
    const auto earliest = *std::min_element(
        batch.begin(), batch.end(), [](const auto* a, const auto* b) { return a->deadline < b->deadline; });
    connection_.set_lock_deadline(earliest->deadline);
    std::string why;
    bool passes = false;
    try {
      connection_.begin_immediate();
      return true;
    } catch (const Unavailable& fault) {
      why = fault.what();
      passes = true;
    } catch (const std::exception& fault) {
      why = fault.what();
    }
    const auto now = std::chrono::steady_clock::now();
    const bool timed_out = earliest->deadline <= now;
    std::erase_if(batch, [&](Waiting* waiting) {
      if (timed_out && waiting->deadline > now) return false;
      std::exception_ptr error = passes ? std::make_exception_ptr(Unavailable(why))
                                        : std::make_exception_ptr(std::runtime_error(why));
      finish(*waiting, std::move(error));
      return true;
    });
  }
  return false;
}

// True if the transaction was committed: then each piece has succeeded or has its own error. False if it is
// gone as a whole.
bool SqliteWriter::run_together(const Batch& batch) {
  try {
    for (Waiting* waiting : batch) {
      connection_.run("SAVEPOINT piece");
      try {
        waiting->error = nullptr;
        waiting->piece(connection_);
      } catch (const Unavailable&) {
        throw;
      } catch (...) {
        if (!connection_.in_transaction()) throw;
        waiting->error = std::current_exception();
        connection_.run("ROLLBACK TO piece");
      }
      connection_.run("RELEASE piece");
    }
    connection_.run("COMMIT");
    return true;
  } catch (...) {
    roll_back();
    return false;
  }
}

void SqliteWriter::run_alone(Waiting& waiting) {
  std::exception_ptr error;
  try {
    connection_.set_lock_deadline(waiting.deadline);
    connection_.begin_immediate();
    waiting.piece(connection_);
    connection_.run("COMMIT");
  } catch (...) {
    error = std::current_exception();
    roll_back();
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

// The one writer of a SQLite file: a thread that takes what is waiting, runs each piece under its own
// savepoint in one transaction, commits once, and wakes all callers (group commit). Part of the driver; safe
// from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <limits>
#include <optional>
#include <thread>
#include <vector>

#include "base/admission.h"
#include "base/blocking.h"
#include "base/function_ref.h"
#include "base/mutex.h"
#include "sql/sqlite.h"
#include "sql/sqlite_connection.h"
#include "sql/sqlite_file.h"
#include "sql/sqlite_log.h"

namespace aforro::sql {

class SqliteWriter {
 public:
  // File and log must outlive it. Writes nothing to a database that a program which knows that schema must
  // not use.
  SqliteWriter(const SqliteFile& file, const SqliteOptions& options, SqliteLog& log,
               int known_schema = std::numeric_limits<int>::max());
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;
  ~SqliteWriter();  // what is waiting is still done

  // See Database::write.
  void write(FunctionRef<void(Connection&)> piece);

  // Runs something on the writer's connection, between two transactions, and returns when that is done. False
  // if that did not begin within `patience`. It must not throw.
  bool between_transactions(FunctionRef<void(SqliteConnection&)> errand, std::chrono::milliseconds patience);

  // How many pieces no batch has taken yet.
  std::size_t waiting() const;

  // Whether one more write of a request would be refused.
  bool is_full() const { return admission_.is_full(); }

  // What the writer does at this moment.
  struct Progress {
    enum class Doing { nothing, waiting_for_lock, writing };
    Doing doing = Doing::nothing;
    std::chrono::steady_clock::time_point since;  // begin of the present batch
  };
  Progress progress() const;

  // How the last transaction ended that tried to commit: nothing if well.
  struct Fault {
    bool is_full_disk;
    std::chrono::steady_clock::time_point when;
  };
  std::optional<Fault> last_fault() const;

 private:
  struct Waiting {
    FunctionRef<void(Connection&)> piece;
    std::chrono::steady_clock::time_point deadline;
    std::exception_ptr error = nullptr;
    Completion finished = {};
  };
  struct Errand {
    FunctionRef<void(SqliteConnection&)> run;
    bool is_done = false;  // known under the mutex alone
  };

  void work();
  bool take();
  bool begin();
  bool run_together();
  void run_alone(Waiting& waiting);
  void begin_transaction();
  void require_whole_log();
  void commit();
  void note(const std::exception_ptr& fault);
  void roll_back();
  static void finish(Waiting& waiting, std::exception_ptr error);

  const SqliteFile& file_;
  const SqliteOptions options_;
  SqliteLog& log_;
  Admission admission_;
  const int known_schema_;
  SqliteConnection connection_;
  mutable Mutex mutex_;
  CondVar work_;
  CondVar errand_done_;
  std::deque<Waiting*> queue_ GUARDED_BY(mutex_);
  std::deque<Errand*> errands_ GUARDED_BY(mutex_);
  Progress progress_ GUARDED_BY(mutex_);
  std::optional<Fault> last_fault_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::vector<Waiting*> batch_;  // of the thread alone; with room for the largest, so that none needs memory
  std::thread thread_;
};

}  // namespace aforro::sql

// The one writer of a SQLite file: a thread that takes what is waiting, runs each piece under its own
// savepoint in one transaction, commits once, and tells everyone (group commit). Part of the driver; safe
// from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/blocking.h"
#include "base/function_ref.h"
#include "sql/sqlite.h"
#include "sql/sqlite_connection.h"

namespace aforro::sql {

class SqliteWriter {
 public:
  SqliteWriter(const std::filesystem::path& file, const SqliteOptions& options);
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;
  ~SqliteWriter();  // what is waiting is still done

  // See Database::write.
  void write(FunctionRef<void(Connection&)> piece);

  // Pieces that no batch has taken up yet.
  std::size_t waiting() const;

 private:
  struct Waiting {
    FunctionRef<void(Connection&)> piece;
    std::chrono::steady_clock::time_point deadline;
    std::exception_ptr error = nullptr;
    Completion finished = {};
  };
  using Batch = std::vector<Waiting*>;

  void work();
  Batch take();
  bool begin(Batch& batch);
  bool run_together(const Batch& batch);
  void run_alone(Waiting& waiting);
  void roll_back();
  static void finish(Waiting& waiting, std::exception_ptr error);

  const SqliteOptions options_;
  SqliteConnection connection_;
  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Waiting*> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace aforro::sql

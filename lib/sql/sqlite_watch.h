// Watches over a SQLite file that is open for long: notices within a second that it was moved, replaced or
// overwritten, keeps its log within its bound, and tells whether a change could be stored now. Has a thread
// of its own. Part of the driver; safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "sql/log_stamps.h"
#include "sql/sqlite.h"
#include "sql/sqlite_connection.h"
#include "sql/sqlite_file.h"
#include "sql/sqlite_log.h"
#include "sql/sqlite_writer.h"

namespace aforro::sql {

class SqliteWatch {
 public:
  // All of them must outlive it.
  SqliteWatch(const SqliteFile& file, SqliteLog& log, SqliteWriter& writer, int known_schema,
              const SqliteOptions& options);
  SqliteWatch(const SqliteWatch&) = delete;
  SqliteWatch& operator=(const SqliteWatch&) = delete;
  ~SqliteWatch();

  // See Database::write_obstacle().
  std::optional<std::string> write_obstacle();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds kReadersPatience{250};

  void watch();
  void look();
  void save_log();
  void look_for_loss();
  const char* find_loss(const LogIndex& index);
  void look_at_stamp();
  bool has_its_stamp(bool has_changed);
  std::optional<bool> has_its_stamp_while_nobody_writes(bool has_changed);
  void bound_log();
  std::optional<std::string> find_obstacle();
  std::optional<std::string> find_newer_schema();
  std::optional<std::string> find_lock(TimePoint now);
  void try_to_write(TimePoint now);
  bool has_changed_since_last();

  const SqliteFile& file_;
  SqliteLog& log_;
  SqliteWriter& writer_;
  const int known_schema_;
  const SqliteOptions options_;

  // Of the thread alone.
  SqliteConnection connection_;
  LogStamps stamps_;
  bool is_at_its_path_ = true;
  bool has_its_log_ = true;
  bool is_log_saved_ = false;          // since it was taken away
  std::uint64_t file_bytes_ = 0;       // at the last look
  std::optional<std::int64_t> stamp_;  // of the file, when it was known to be right
  std::int64_t mark_ = 0;              // of the last look
  int looks_in_doubt_ = 0;
  bool is_log_held_ = false;
  std::chrono::milliseconds readers_patience_{kReadersPatience};  // while the gate is closed the next time
  TimePoint close_next_{};                                        // not before
  TimePoint tried_to_write_{};

  Mutex mutex_;
  CondVar woken_;
  CondVar has_looked_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::optional<std::string> obstacle_ GUARDED_BY(mutex_);
  TimePoint asked_ GUARDED_BY(mutex_){};   // write_obstacle() was called
  TimePoint looked_ GUARDED_BY(mutex_){};  // the last look that was for that began
  std::thread thread_;
};

}  // namespace aforro::sql

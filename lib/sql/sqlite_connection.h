// The SQLite driver's connection: SQLiteCpp's statements, prepared once and kept while they are in use. Part
// of the driver.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/problem.h"
#include "sql/connection.h"
#include "sql/log_index.h"
#include "sql/schema.h"
#include "sql/sqlite_file.h"
#include "sql/turnstile.h"

namespace aforro::sql {

// What is in the file is not what SQLite wrote. Everything else that goes wrong is no word about the file.
class Damaged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The transaction is in the log, but the log could not be synced. No connection sees it, and the next
// transaction writes over it; but if all processes that have the file open die before that, the next one to
// open the file may take it for committed.
class SyncFailed : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

class SqliteConnection final : public Connection {
 public:
  enum class Role {
    writer,
    reader,     // never changes what the file says
    onlooker,   // likewise, and needs no right to write the file: reads beside others, and sees their log
    immutable,  // likewise, of a file that has no log and does not change meanwhile; takes no locks
  };

  // Waits up to `patience` for locks of other processes, until set_lock_deadline() says otherwise. The file
  // must outlive it.
  SqliteConnection(const SqliteFile& file, Role role, std::chrono::milliseconds patience);

  // To an empty database of its own, on the disk where the system keeps what is temporary, in one transaction
  // that nobody commits: gone with the connection.
  struct Unnamed {};
  explicit SqliteConnection(Unnamed unnamed);

  ~SqliteConnection() override;

  using Connection::query;
  using Connection::run;
  void for_each(Text text, const ParamRows& rows) override;
  void for_each(Text text, const ParamRows& rows, IndexedVisitor visitor) override;
  void script(std::string_view statements) override;
  const Dialect& dialect() const override;
  std::int64_t last_id(Text table) override;
  void give_ids_above(Text table, std::int64_t id) override;
  void merge_text_index(Text table, Merging merging) override;

  // Until when a lock of another process is waited for, from now on.
  void set_lock_deadline(std::chrono::steady_clock::time_point deadline) { lock_deadline_ = deadline; }
  // Has bounded reads that turn out to be long enter there, until they end. For good.
  void share_long_reads(Turnstile& long_reads) { long_reads_ = &long_reads; }
  bool in_transaction() const;

  // Runs the piece in one snapshot, which ends with it. Throws Unavailable at the deadline, if there is one.
  void read(std::optional<std::chrono::steady_clock::time_point> deadline,
            FunctionRef<void(Connection&)> piece);

  // Begins a transaction that writes. Throws LockTimeout if another one does so for too long.
  void begin_immediate();

  // Within a transaction: throws Unavailable if the database was brought to a schema meanwhile that a program
  // which knows `known` must not use. Returns what the database says of its schema.
  SchemaMark require_schema_for(int known);

  // Rows that were inserted, changed or deleted since the connection was opened, undone ones too.
  std::int64_t changes() const;

  // From now on nothing is checkpointed by itself, and log_frames() says how long the log was after the last
  // commit.
  void count_log_frames();
  int log_frames() const { return log_frames_; }

  // Copies the log into the file, what no other connection may still read aside; or all of it, emptying the
  // log. Returns how many pages are left; nothing if another connection is in the way. Outside a transaction.
  // Throws Unavailable.
  enum class Checkpoint { passive, truncate };
  std::optional<int> checkpoint(Checkpoint kind);
  // See read_log_index().
  std::optional<LogIndex> log_index() { return read_log_index(database_.getHandle()); }

  // A file does not go away, but a transaction may not have been ended, for want of memory.
  bool is_usable() const { return !in_transaction(); }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Prepared {
    SQLite::Statement statement;
    std::vector<int> index_of;  // of $n, by n - 1; 0 where the text has no $n
    std::uint64_t last_used = 0;
    int running = 0;  // a visitor may run others
  };
  class Running;

  void do_run(Text text, std::span<const Param> params) override;
  void do_query(Text text, std::span<const Param> params, Visitor visitor) override;
  Prepared& prepare(Text text);
  Prepared& prepare_rows(Text insert, std::size_t rows, std::size_t width);
  void forget_one();
  static void execute(Prepared& prepared, std::span<const Param> params, Visitor visitor);
  static int wait_for_lock(void* self, int times);
  static int look_at_clock(void* self);
  bool may_go_on();
  void end_read();
  static int note_frames(void* self, sqlite3* handle, const char* name, int frames);

  const SqliteFile* file_;  // null: it has none
  std::chrono::steady_clock::time_point lock_deadline_;
  std::optional<std::chrono::steady_clock::time_point> read_deadline_;
  Turnstile* long_reads_ = nullptr;
  std::chrono::steady_clock::time_point read_began_;
  bool is_long_ = false;
  SQLite::Database database_;
  std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>> prepared_;
  std::uint64_t uses_ = 0;
  int log_frames_ = 0;
};

// The bare connection of such a role, without settings. Throws SQLite::Exception.
SQLite::Database open_as(SqliteConnection::Role role, const SqliteFile& file);

}  // namespace aforro::sql

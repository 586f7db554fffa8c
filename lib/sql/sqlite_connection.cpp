// What SQLite's own defaults do not give, and each connection adds:
//
// Locks of other processes are waited for until a point in time that several statements share.
// sqlite3_busy_timeout() would begin anew for each statement, and sleeps up to 100 ms between two looks; the
// handler here looks each millisecond, and gives its thread's turn to another while it sleeps.
//
// Long reads share the processor. The progress handler runs inside the statement every few thousand steps of
// the virtual machine, in the reading thread: there it can look at the deadline, and wait in the middle of
// the statement while enough other long reads go on (turnstile.h). A watchdog with sqlite3_interrupt() could
// end a read, but not hold it up.
//
// Statements stay prepared, found by their text, since preparing one can cost more than running it. The
// filters and sorts of searches make more texts than are worth keeping, so the one used longest ago is
// forgotten.
#include "sql/sqlite_connection.h"

#include <sqlite3.h>

#include <array>
#include <cassert>
#include <initializer_list>
#include <numeric>
#include <thread>
#include <utility>

#include "base/blocking.h"
#include "base/problem.h"
#include "sql/insert_rows.h"
#include "sql/sqlite_errors.h"
#include "sql/sqlite_header.h"

namespace aforro::sql {
namespace {

// Statements kept on each connection, some 10 KB each. The constant texts of the program are fewer than
// these; those that searches can be put together to are more than are worth keeping.
constexpr std::size_t kMaxPrepared = 256;
constexpr std::size_t kMaxParameters = 99;
// How many rows may share an INSERT; fewer than the least go one by one.
constexpr std::array<std::size_t, 2> kRowsTogether{500, 16};
constexpr std::chrono::milliseconds kLockPoll{1};
constexpr std::chrono::milliseconds kShortRead{2};
constexpr int kStepsBetweenLooks = 4'000;  // at the clock: some 0.1 ms

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(const SQLite::Statement& statement) : statement_(statement) {}

  bool is_null(int column) const override { return statement_.isColumnNull(column); }
  std::int64_t integer(int column) const override {
    const SQLite::Column value = statement_.getColumn(column);
    assert(value.isInteger());
    return value.getInt64();
  }
  std::string_view text(int column) const override {
    const SQLite::Column value = statement_.getColumn(column);
    assert(value.isText());
    const char* const bytes = value.getText();
    return {bytes, static_cast<std::size_t>(value.getBytes())};
  }

 private:
  const SQLite::Statement& statement_;
};

void bind(SQLite::Statement& statement, int index, const Param& param) {
  if (const auto* number = std::get_if<std::int64_t>(&param.value())) {
    statement.bind(index, *number);
  } else if (const auto* text = std::get_if<std::string_view>(&param.value())) {
    statement.bind(index, std::string(*text));
  } else {
    statement.bind(index);
  }
}

// SQLite takes an absolute path for a file even if it is called ":memory:" or "file:x". `immutable` can only
// be said in a URI, in which the path must be escaped.
std::string name_for(const SqliteFile& file, SqliteConnection::Role role) {
  const std::string path = file.path().string();
  if (role != SqliteConnection::Role::immutable) return path;
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string uri = "file://";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '/' || c == '.' || c == '-' || c == '_';
    if (is_plain) {
      uri += c;
    } else {
      uri += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return uri + "?immutable=1";
}

// Without OPEN_CREATE: in place of a file that was removed, an empty one would begin.
int flags_for(SqliteConnection::Role role) {
  switch (role) {
    case SqliteConnection::Role::writer:
    case SqliteConnection::Role::reader:
      return SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX;
    case SqliteConnection::Role::onlooker:
      return SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX;
    case SqliteConnection::Role::immutable:
      return SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX | SQLite::OPEN_URI;
  }
  return 0;
}

// SQLite counts its memory for all connections together, under one lock that every allocation takes. Readers
// would wait for each other there (it took 19 % of a suggestion's time), and nothing reads the count. The
// call has no effect, and does no harm, if other code of the process has used the library before.
void share_no_counters() {
  static const int result = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(result);
}

}  // namespace

// Resets a statement when it goes, also by an exception: one left standing would hold its locks.
class SqliteConnection::Running {
 public:
  explicit Running(Prepared& prepared) : prepared_(prepared) { ++prepared_.running; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    prepared_.statement.tryReset();
    --prepared_.running;
  }

 private:
  Prepared& prepared_;
};

SQLite::Database open_as(SqliteConnection::Role role, const SqliteFile& file) {
  return {name_for(file, role), flags_for(role)};
}

SqliteConnection::SqliteConnection(const SqliteFile& file, Role role, std::chrono::milliseconds patience)
    : file_(&file),
      lock_deadline_(std::chrono::steady_clock::now() + patience),
      database_(translated(nullptr, [&] {
        share_no_counters();
        file.require_in_place();
        return open_as(role, file);
      })) {
  file.require_in_place();  // it may have been exchanged before its name was looked up
  sqlite3_busy_handler(database_.getHandle(), &SqliteConnection::wait_for_lock, this);
  sqlite3_extended_result_codes(database_.getHandle(), 1);
  script(
      "PRAGMA foreign_keys = ON;"
      "PRAGMA synchronous = FULL;"
      "PRAGMA temp_store = MEMORY;");
  if (role != Role::writer) {
    sqlite3_progress_handler(database_.getHandle(), kStepsBetweenLooks, &SqliteConnection::look_at_clock,
                             this);
  }
  script(role == Role::writer ? "PRAGMA cache_size = -16384;"
                              : "PRAGMA cache_size = -1024; PRAGMA query_only = ON;");
}

// With no name SQLite makes a file of its own, which it unlinks at once. What is larger than the cache is on
// the disk, sorting included.
SqliteConnection::SqliteConnection(Unnamed /*unnamed*/)
    : file_(nullptr), lock_deadline_(std::chrono::steady_clock::now()), database_(translated(nullptr, [] {
        share_no_counters();
        return SQLite::Database("", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX);
      })) {
  sqlite3_extended_result_codes(database_.getHandle(), 1);
  script(
      "PRAGMA journal_mode = OFF;"
      "PRAGMA synchronous = OFF;"
      "PRAGMA temp_store = FILE;"
      "PRAGMA cache_size = -65536;"
      "BEGIN;");
}

int SqliteConnection::wait_for_lock(void* self, int /*times*/) {
  const auto* const connection = static_cast<const SqliteConnection*>(self);
  if (std::chrono::steady_clock::now() >= connection->lock_deadline_) return 0;
  about_to_block();
  std::this_thread::sleep_for(kLockPoll);
  return 1;
}

int SqliteConnection::look_at_clock(void* self) {
  return static_cast<SqliteConnection*>(self)->may_go_on() ? 0 : 1;
}

// A read that takes the processor for long waits here, in the middle, while enough others of its kind go on.
// A hundred of them would else take every turn, and short requests would stand behind them all.
bool SqliteConnection::may_go_on() {
  if (!read_deadline_) return true;
  const auto now = std::chrono::steady_clock::now();
  if (now >= *read_deadline_) return false;
  if (is_long_ || long_reads_ == nullptr || now - read_began_ < kShortRead) return true;
  is_long_ = long_reads_->enter(*read_deadline_);
  return is_long_;
}

void SqliteConnection::end_read() {
  read_deadline_.reset();
  if (std::exchange(is_long_, false)) long_reads_->leave();
}

const Dialect& SqliteConnection::dialect() const {
  static constexpr Dialect kDialect{.for_update = "",  // there is only one writer
                                    .for_update_skip_locked = "",
                                    .id_ahead = [](Text) { return Composed("NULL"); }};
  return kDialect;
}

std::int64_t SqliteConnection::last_id(Text table) {
  return maybe_integer("SELECT seq FROM sqlite_sequence WHERE name = $1", {table.view()}).value_or(0);
}

void SqliteConnection::give_ids_above(Text table, std::int64_t id) {
  run("INSERT INTO sqlite_sequence (name, seq) SELECT $1, 0"
      " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = $1)",
      {table.view()});
  run("UPDATE sqlite_sequence SET seq = max(seq, $2) WHERE name = $1", {table.view(), id});
}

// 4 is what FTS5 does by itself; without any, sixteen parts of one size become one.
void SqliteConnection::merge_text_index(Text table, Merging merging) {
  Composed text("INSERT INTO ");
  text += table;
  text += " (";
  text += table;
  text += ", rank) VALUES ('automerge', $1)";
  run(text, {merging == Merging::seldom ? 0 : 4});
}

bool SqliteConnection::in_transaction() const { return sqlite3_get_autocommit(database_.getHandle()) == 0; }

void SqliteConnection::read(std::optional<std::chrono::steady_clock::time_point> deadline,
                            FunctionRef<void(Connection&)> piece) {
  read_began_ = std::chrono::steady_clock::now();
  read_deadline_ = deadline;
  try {
    run("BEGIN");
    piece(*this);
  } catch (...) {
    end_read();
    if (in_transaction()) run("ROLLBACK");
    throw;
  }
  end_read();
  run("COMMIT");
}

void SqliteConnection::begin_immediate() {
  if (in_transaction()) run("ROLLBACK");  // the last one could not be ended, for want of memory
  run("BEGIN IMMEDIATE");
}

SchemaMark SqliteConnection::require_schema_for(int known) {
  const SchemaMark mark = schema_mark(*this);
  require_still_usable(known, mark);
  return mark;
}

std::int64_t SqliteConnection::changes() const { return sqlite3_total_changes64(database_.getHandle()); }

int SqliteConnection::note_frames(void* self, sqlite3* /*handle*/, const char* /*name*/, int frames) {
  static_cast<SqliteConnection*>(self)->log_frames_ = frames;
  return SQLITE_OK;
}

void SqliteConnection::count_log_frames() {
  sqlite3_wal_hook(database_.getHandle(), &SqliteConnection::note_frames, this);
}

std::optional<int> SqliteConnection::checkpoint(Checkpoint kind) {
  int frames = 0;
  int copied = 0;
  const int mode = kind == Checkpoint::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
  const int result = sqlite3_wal_checkpoint_v2(database_.getHandle(), "main", mode, &frames, &copied);
  if (result == SQLITE_BUSY) return std::nullopt;
  translated(database_.getHandle(), [&] {
    if (result != SQLITE_OK) throw SQLite::Exception(database_.getHandle(), result);
  });
  if (kind == Checkpoint::truncate) log_frames_ = 0;
  return frames - copied;
}

// SQLite's last connection to a file copies the log into it. If file and log are no longer of the same shop,
// that must not happen.
SqliteConnection::~SqliteConnection() {
  if (file_ != nullptr && file_->given_up() != nullptr) {
    sqlite3_db_config(database_.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
}

void SqliteConnection::script(std::string_view statements) {
  translated(database_.getHandle(), [&] { database_.exec(std::string(statements)); });
}

SqliteConnection::Prepared& SqliteConnection::prepare(Text text) {
  ++uses_;
  if (const auto found = prepared_.find(text.view()); found != prepared_.end()) {
    found->second.last_used = uses_;
    return found->second;
  }
  if (prepared_.size() >= kMaxPrepared) forget_one();
  std::string key(text.view());
  SQLite::Statement statement(database_, key);
  std::vector<int> index_of;
  const auto parameters = static_cast<std::size_t>(statement.getBindParameterCount());
  // $1, $2, … are names to SQLite, numbered in the order in which they appear; a text may leave some out.
  for (std::size_t known = 0; known < parameters;) {
    assert(index_of.size() < kMaxParameters && "a parameter is $1, $2, …");
    index_of.push_back(statement.getIndex(("$" + std::to_string(index_of.size() + 1)).c_str()));
    if (index_of.back() != 0) ++known;
  }
  return prepared_.try_emplace(std::move(key), Prepared{std::move(statement), std::move(index_of), uses_})
      .first->second;
}

// Its parameters are ?1, ?2, …, which SQLite need not look up by name: that takes the square of their number.
SqliteConnection::Prepared& SqliteConnection::prepare_rows(Text insert, std::size_t rows, std::size_t width) {
  std::string text = with_rows(insert.view(), rows, width, '?');
  ++uses_;
  if (const auto found = prepared_.find(text); found != prepared_.end()) {
    found->second.last_used = uses_;
    return found->second;
  }
  if (prepared_.size() >= kMaxPrepared) forget_one();
  SQLite::Statement statement(database_, text);
  std::vector<int> index_of(static_cast<std::size_t>(statement.getBindParameterCount()));
  std::iota(index_of.begin(), index_of.end(), 1);
  return prepared_.try_emplace(std::move(text), Prepared{std::move(statement), std::move(index_of), uses_})
      .first->second;
}

// Forgets the statement used longest ago. A linear look costs little beside the preparing that follows it.
void SqliteConnection::forget_one() {
  auto oldest = prepared_.end();
  for (auto it = prepared_.begin(); it != prepared_.end(); ++it) {
    if (it->second.running > 0) continue;
    if (oldest == prepared_.end() || it->second.last_used < oldest->second.last_used) oldest = it;
  }
  if (oldest != prepared_.end()) prepared_.erase(oldest);
}

void SqliteConnection::execute(Prepared& prepared, std::span<const Param> params, Visitor visitor) {
  SQLite::Statement& statement = prepared.statement;
  const Running running(prepared);
  assert(params.size() >= prepared.index_of.size() && "every $n has a value");
  for (std::size_t i = 0; i < prepared.index_of.size(); ++i) {
    if (prepared.index_of[i] != 0) bind(statement, prepared.index_of[i], params[i]);
  }
  const SqliteRow row(statement);
  while (statement.executeStep()) visitor(row);
}

void SqliteConnection::do_run(Text text, std::span<const Param> params) {
  do_query(text, params, [](const Row&) {});
}

void SqliteConnection::do_query(Text text, std::span<const Param> params, Visitor visitor) {
  translated(database_.getHandle(), [&] { execute(prepare(text), params, visitor); });
}

// A full text index writes down what it has gathered in memory whenever a statement begins that could be
// undone by itself, as an INSERT with triggers can. So with a statement for each product the index would
// write a part of its own for each, and merge these ever again, which took three quarters of the time.
void SqliteConnection::for_each(Text text, const ParamRows& rows) {
  const bool may_be_together = rows.size() >= kRowsTogether.back() && takes_more_rows(text.view());
  std::size_t done = 0;
  for (const std::size_t together :
       may_be_together ? std::span<const std::size_t>(kRowsTogether) : std::span<const std::size_t>()) {
    if (rows.size() - done < together) continue;
    translated(database_.getHandle(), [&] {
      Prepared& prepared = prepare_rows(text, together, rows[0].size());
      for (; rows.size() - done >= together; done += together) {
        execute(prepared, rows.subspan(done, together), [](const Row&) {});
      }
      prepared.statement.clearBindings();  // copies of some megabytes of texts, maybe
    });
  }
  if (done == rows.size()) return;
  translated(database_.getHandle(), [&] {
    Prepared& prepared = prepare(text);
    for (; done < rows.size(); ++done) execute(prepared, rows[done], [](const Row&) {});
  });
}

void SqliteConnection::for_each(Text text, const ParamRows& rows, IndexedVisitor visitor) {
  if (rows.size() == 0) return;
  translated(database_.getHandle(), [&] {
    Prepared& prepared = prepare(text);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      execute(prepared, rows[i], [&](const Row& row) { visitor(i, row); });
    }
  });
}

}  // namespace aforro::sql

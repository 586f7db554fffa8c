// How a read is admitted. Five bounds follow each other, each against another kind of overload:
//
//   reads_         threads that read or wait for it; one more is refused at once (load shedding)
//   begun_reads_   snapshots, since each keeps the log from being emptied; more wait, in their order
//   readers_       connections, each with its cache and its prepared statements
//   the gate       open but for the moment in which the log is truncated
//   long_reads_    reads on the processor; the others wait in the middle of their statements
//
// The first refuses before anything is waited for. The gate comes last: a read that waits for a connection
// does not count as inside, and so holds up no truncation. Reads without a deadline (a verification) pass the
// second and the last, since they may take as long as they like.
//
// The change mark is SQLite's data_version on a connection of its own, which never writes: it moves with
// every commit of any other connection, in this process or another. It is asked for by each cached listing,
// so no transaction is begun for it.
#include "sql/sqlite_database.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/admission.h"
#include "base/blocking.h"
#include "base/hash.h"
#include "base/mutex.h"
#include "base/problem.h"
#include "base/system.h"
#include "sql/pool.h"
#include "sql/sqlite_connection.h"
#include "sql/sqlite_header.h"
#include "sql/sqlite_log.h"
#include "sql/sqlite_storage.h"
#include "sql/sqlite_watch.h"
#include "sql/sqlite_writer.h"
#include "sql/timed_mutex.h"
#include "sql/turnstile.h"

namespace aforro::sql {
namespace {

constexpr std::chrono::milliseconds kMoment{1};

std::size_t processors() { return std::max(1U, std::thread::hardware_concurrency()); }

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::unique_ptr<SqliteFile> file, int known_schema, const SqliteOptions& options)
      : options_(options),
        known_schema_(known_schema),
        file_(std::move(file)),
        log_(*file_, options.max_log_bytes),
        reads_(options.max_reads, "too many reads are waiting"),
        watcher_(*file_, SqliteConnection::Role::reader, options.deadline),
        begun_reads_(2 * processors() + 1),
        long_reads_(processors()),
        readers_(options.max_readers, options.deadline, [this] { return connect_reader(); }),
        writer_(*file_, options, log_, known_schema),
        watch_(*file_, log_, writer_, known_schema, options) {}

  std::optional<std::uint64_t> change_mark() override {
    // Outside any transaction, in which the mark would stand still.
    const SnapshotGate::Passage passage(log_.gate(), reads_);
    if (!watcher_mutex_.try_lock()) wait_for_watcher();
    const Lock lock(watcher_mutex_, std::adopt_lock);
    watcher_.set_lock_deadline(std::chrono::steady_clock::now() + options_.deadline);
    return static_cast<std::uint64_t>(watcher_.maybe_integer("PRAGMA data_version").value());
  }

  // Nothing in the file tells an older copy that was written over it: versions come again, with other rows.
  // So a life lasts for as long as the file is open here, or until another file takes its place.
  Identity identity(Text /*table*/) override {
    const std::string path = file_->companion("").string();
    const std::string database = name_of_host() + ' ' + path;
    return {.database = database, .life = database + ' ' + file_mark(path.c_str()) + ' ' + opening_};
  }

  StorageReport check_storage() override {
    SqliteConnection connection(*file_, SqliteConnection::Role::reader, options_.deadline);
    return check_sqlite_storage(connection);
  }

  SchemaMark schema() override { return read(schema_mark); }

  std::optional<std::string> write_obstacle() override {
    const Admission::Pass pass(reads_);
    return watch_.write_obstacle();
  }

 protected:
  void do_read(FunctionRef<void(Connection&)> piece, ReadTime time) override {
    const auto until = std::chrono::steady_clock::now() + options_.read_time;
    if (const char* const why = file_->given_up()) throw Unavailable(why);
    const Admission::Pass pass(reads_);
    std::optional<Turnstile::Inside> begun;
    if (time == ReadTime::bounded) {
      begun.emplace(begun_reads_, std::chrono::steady_clock::now() + options_.deadline,
                    "too many reads were under way for too long");
    }
    readers_.with([&](SqliteConnection& connection) {
      const SnapshotGate::Passage passage(log_.gate());
      connection.set_lock_deadline(std::chrono::steady_clock::now() + options_.deadline);
      connection.read(time == ReadTime::bounded ? std::optional(until) : std::nullopt, [&](Connection&) {
        connection.require_schema_for(known_schema_);
        piece(connection);
      });
    });
  }

  void do_write(FunctionRef<void(Connection&)> piece) override { writer_.write(piece); }

 private:
  std::unique_ptr<SqliteConnection> connect_reader() {
    auto reader =
        std::make_unique<SqliteConnection>(*file_, SqliteConnection::Role::reader, options_.deadline);
    reader->share_long_reads(long_reads_);
    return reader;
  }

  // Mostly the watcher's connection is free again in a moment, which is no reason to give up a turn.
  void wait_for_watcher() ACQUIRE(watcher_mutex_) {
    if (watcher_mutex_.try_lock_for(kMoment)) return;
    const Admission::Pass pass(reads_);
    about_to_block();
    if (watcher_mutex_.try_lock_for(options_.deadline)) return;
    throw Unavailable("the change mark could not be read in time");
  }

  const SqliteOptions options_;
  const int known_schema_;
  const std::string opening_ = random_hex(8);
  const std::unique_ptr<SqliteFile> file_;  // its descriptor is the last that is closed
  SqliteLog log_;
  Admission reads_;
  TimedMutex watcher_mutex_;
  SqliteConnection watcher_ GUARDED_BY(watcher_mutex_);
  Turnstile begun_reads_;  // those that a deadline ends; more than work at a time, so short ones never wait
  Turnstile long_reads_;   // of them, those that take the processor: the others wait in the middle
  Pool<SqliteConnection> readers_;
  SqliteWriter writer_;
  SqliteWatch watch_;
};

}  // namespace

std::unique_ptr<Database> make_sqlite_database(std::unique_ptr<SqliteFile> file, int known_schema,
                                               const SqliteOptions& options) {
  return std::make_unique<SqliteDatabase>(std::move(file), known_schema, options);
}

}  // namespace aforro::sql

// A database that many threads read and write: read(f) in a snapshot, write(f) in a transaction that is on
// disk when it returns. Which engine is underneath does not show. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/function_ref.h"
#include "sql/connection.h"
#include "sql/schema.h"
#include "sql/text.h"

namespace aforro::sql {

// What an engine says of its own storage.
struct StorageReport {
  std::vector<std::string> faults;    // in its own words, some hundred at most
  std::vector<std::string> left_out;  // what could not be looked at, and why
  bool are_rows_sound = true;         // false: a row may be anything; reading one may be a bug
};

// What tells a database from all others, for what is kept of it elsewhere. Empty where it can't be told.
struct Identity {
  std::string database;  // the same for each process that has it, for as long as it is there
  std::string life;      // another one where its rows may have been replaced; of a file: of this process
};

class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  virtual ~Database() = default;

  // Runs f(Connection&) in one snapshot that holds everything acknowledged before, and returns what it
  // returns. Throws what f throws, Overloaded (base) if too many reads wait already, and Unavailable if no
  // connection came free in time.
  template <class F>
  auto read(F&& f) {
    return returning(std::forward<F>(f),
                     [this](FunctionRef<void(Connection&)> piece) { do_read(piece, ReadTime::bounded); });
  }

  // The same for what may take as long as it needs, such as a verification: no deadline ends it.
  template <class F>
  auto read_for_long(F&& f) {
    return returning(std::forward<F>(f),
                     [this](FunctionRef<void(Connection&)> piece) { do_read(piece, ReadTime::unbounded); });
  }

  // Runs f(Connection&) in a transaction and returns what it returned, once that is durable. If f throws,
  // what it did is undone and write() throws the same. f may run more than once and on another thread: no
  // side effects, no I/O of its own, at most 20 ms; a write() inside a write() asserts.
  //
  // Throws Overloaded (base) at once when too many writes wait already, and Unavailable, with nothing done
  // either, when another process kept the database locked for too long, and on faults of disk or memory.
  // Throws OutcomeUnknown (base) when the answer to COMMIT was lost, or its log could not be synced: it is
  // done, or it is not, and is not run again.
  template <class F>
  auto write(F&& f) {
    return returning(std::forward<F>(f), [this](FunctionRef<void(Connection&)> piece) { do_write(piece); });
  }

  // The same for what may take as long as it needs, such as filling an empty database: no deadline ends a
  // statement. Others that write wait meanwhile, or at least for the rows.
  template <class F>
  auto write_for_long(F&& f) {
    return returning(std::forward<F>(f),
                     [this](FunctionRef<void(Connection&)> piece) { do_write_for_long(piece); });
  }

  // A mark that moves whenever any process may have committed anything: while it stands still
  // nothing has changed. Nothing where that can't be told now. Throws as read() does.
  virtual std::optional<std::uint64_t> change_mark() = 0;

  // True if the mark is read from memory: then it costs less than a microsecond. If not, a server is asked
  // for it, once for all threads that want it at the same time.
  virtual bool is_mark_at_hand() const { return true; }

  // Which database it is; the life is that of the table. Throws as read() does.
  virtual Identity identity(Text table) = 0;

  // Has the engine check its own storage: reads everything, writes nothing, and makes no writer wait. On a
  // connection of its own. Throws Unavailable as read() does, but not for what is damaged.
  virtual StorageReport check_storage() = 0;

  // What the database says of its schema now. A newer program may have brought it further than this program
  // knows, by steps that only add.
  virtual SchemaMark schema() = 0;

  // What keeps a change from being stored at this moment, in words that strangers may read; nothing if one
  // could be. At most a second late. Writes nothing while all is well.
  virtual std::optional<std::string> write_obstacle() = 0;

 protected:
  // A bounded one throws Unavailable when it takes longer than the driver was told.
  enum class ReadTime { bounded, unbounded };
  virtual void do_read(FunctionRef<void(Connection&)> piece, ReadTime time) = 0;
  virtual void do_write(FunctionRef<void(Connection&)> piece) = 0;
  // Where no write has a deadline but for locks, it is the same.
  virtual void do_write_for_long(FunctionRef<void(Connection&)> piece) { do_write(piece); }

 private:
  template <class F, class Run>
  static auto returning(F&& f, Run run) {
    using Result = std::invoke_result_t<F&, Connection&>;
    if constexpr (std::is_void_v<Result>) {
      run([&](Connection& connection) { f(connection); });
    } else {
      std::optional<Result> result;
      run([&](Connection& connection) {
        result.reset();
        result.emplace(f(connection));
      });
      return std::move(*result);
    }
  }
};

}  // namespace aforro::sql

// The PostgreSQL driver's connection: statements prepared once and kept, put off until one reads, and
// sent together. Part of the driver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "sql/connection.h"
#include "sql/postgres.h"
#include "sql/postgres_link.h"
#include "sql/postgres_servers.h"

namespace aforro::sql {

// The answer to a COMMIT was lost. Says what is known for finding out what became of the transaction.
class CommitLost : public OutcomeUnknown {
 public:
  CommitLost(const std::string& why, std::string transaction, std::string server_life)
      : OutcomeUnknown(why), transaction_(std::move(transaction)), server_life_(std::move(server_life)) {}
  const std::string& transaction() const { return transaction_; }  // its number; empty: not known
  const std::string& server_life() const { return server_life_; }

 private:
  std::string transaction_;
  std::string server_life_;
};

class PostgresConnection final : public Connection {
 public:
  // See PostgresServers::connect(). All of them must outlive it.
  PostgresConnection(PostgresServers& servers, const PostgresLink::Timeouts& timeouts,
                     PostgresCounters& counters);

  using Connection::query;
  using Connection::run;
  void for_each(Text text, const ParamRows& rows) override;
  void for_each(Text text, const ParamRows& rows, IndexedVisitor visitor) override;
  void script(std::string_view statements) override;
  const Dialect& dialect() const override;
  std::int64_t last_id(Text table) override;
  void give_ids_above(Text table, std::int64_t id) override;
  void merge_text_index(Text table, Merging merging) override;

  // Runs a piece in a transaction, once: in one snapshot, or so that it is durable on return. An exception
  // undoes it, but for CommitLost, which write() throws if it is not known whether it was committed.
  void read(FunctionRef<void(Connection&)> piece);
  // The same without a bound on the time of a statement.
  void read_for_long(FunctionRef<void(Connection&)> piece);
  void write(FunctionRef<void(Connection&)> piece);
  void write_for_long(FunctionRef<void(Connection&)> piece);

  // Runs statements without parameters in one round trip, when nothing is pending. Returns the first column
  // of the last row.
  std::string ask(std::string_view statements);

  // Names the transactions that are committed: the same text twice means that nothing was committed between.
  // Nothing on a standby, which can't tell. When nothing is pending; one round trip.
  std::optional<std::string> committed();

  enum class Fate { open, committed, undone, unknown };
  // What became of a transaction of another session.
  Fate fate_of(const CommitLost& lost);

  bool is_behind_pooler() const { return link_->is_behind_pooler(); }

  // Looks at what has come from the server meanwhile.
  bool is_usable() noexcept;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Prepared {
    std::string name;
    std::vector<bool> uses;  // whether the text uses $n, by n - 1
    bool is_sent = false;    // to the server, and not known to have failed
  };
  // What has been sent, or is about to be, and not been answered yet.
  struct Pending {
    enum class Kind { prepare, execute, execute_and_keep, transaction_number, commit, sync };
    Kind kind;
    Prepared* prepared;
  };
  using Results = std::vector<PostgresLink::Result>;

  template <class End>
  void transaction(Text begin, FunctionRef<void(Connection&)> piece, End end);
  void commit();
  void take_time();
  void ask_number();
  static bool was_not_done(const PGresult* result, Pending::Kind kind);
  void end_reading();
  void roll_back() noexcept;
  void do_run(Text text, std::span<const Param> params) override;
  void do_query(Text text, std::span<const Param> params, Visitor visitor) override;
  Prepared& prepare(std::string_view text);
  void forget();
  void send(Prepared& prepared, std::span<const Param> params, Pending::Kind kind);
  void send_sync();
  void settle(Results& kept);
  void settle();
  void take_answer(Results& kept, std::exception_ptr& fault);

  PostgresCounters& counters_;
  const std::unique_ptr<PostgresLink> link_;
  const std::string names_;  // what the names of its prepared statements begin with
  std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>> prepared_;
  std::deque<Pending> pending_;
  std::string transaction_;      // the number of the one that writes; empty: not known
  bool asks_number_ = false;     // before the next statement that waits for an answer
  bool is_turned_down_ = false;  // by the server: what it skips behind that, COMMIT too, is not done
  bool is_outdated_ = false;     // what it has prepared does not fit the tables any more, or is not there
  bool is_sound_ = true;
};

}  // namespace aforro::sql

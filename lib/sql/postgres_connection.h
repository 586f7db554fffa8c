// The PostgreSQL driver's connection: statements prepared once and kept, put off until somebody reads, and
// sent together. Part of the driver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sql/connection.h"
#include "sql/postgres.h"
#include "sql/postgres_link.h"

namespace aforro::sql {

class PostgresConnection final : public Connection {
 public:
  // See PostgresLink.
  PostgresConnection(const std::string& url, const PostgresLink::Timeouts& timeouts,
                     PostgresCounters& counters);

  using Connection::query;
  using Connection::run;
  void for_each(Text text, const ParamRows& rows) override;
  void for_each(Text text, const ParamRows& rows, IndexedVisitor visitor) override;
  void script(std::string_view statements) override;
  const Dialect& dialect() const override;

  // Runs a piece in a transaction, once: in one snapshot, or so that it is durable on return. Whatever is
  // thrown undoes it. write() throws Unavailable too if it is not known whether it was committed.
  void read(FunctionRef<void(Connection&)> piece);
  void write(FunctionRef<void(Connection&)> piece);

  bool is_usable() noexcept { return is_sound_ && link_.is_alive(); }

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
    enum class Kind { prepare, execute, execute_and_keep, sync };
    Kind kind;
    Prepared* prepared;
  };
  using Results = std::vector<PostgresLink::Result>;

  template <class End>
  void transaction(Text begin, FunctionRef<void(Connection&)> piece, End end);
  void commit();
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

  PostgresCounters& counters_;
  PostgresLink link_;
  std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>> prepared_;
  std::deque<Pending> pending_;
  bool is_sound_ = true;
};

}  // namespace aforro::sql

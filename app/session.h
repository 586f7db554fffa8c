// What every command has in common: the options --database, --lock-timeout and --json, the clock, and where
// results and remarks go. One a process, used by its main thread.
#pragma once

#include <CLI/App.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/database.h"
#include "app/table.h"
#include "base/problem.h"
#include "base/time.h"

namespace aforro::app {

// The text without line breaks, and cut to a readable length: what is said on standard error is one line.
std::string on_one_line(std::string text);

// The reader of the output has gone away (`| head`): there is nothing to say.
class ReaderGone : public std::exception {};

// How long requests and commands wait. A client of a server has given up after some seconds; a person who
// typed a command rather waits for the import that has the database just now, or for a busy database server,
// than types it again.
inline constexpr Patience kRequestPatience{.locks = std::chrono::seconds(5),
                                           .connect = std::chrono::milliseconds(800),
                                           .silence = std::chrono::milliseconds(400)};
inline constexpr Patience kCommandPatience{.locks = std::chrono::seconds(60),
                                           .connect = std::chrono::seconds(5),
                                           .silence = std::chrono::seconds(5)};

class Session {
 public:
  // `arguments` are those of the process, which must outlive this.
  explicit Session(std::span<char* const> arguments) : arguments_(arguments) {}

  // Gives the command, once it has its own, the options that all have, and an example that its help ends
  // with. Options that are settings get their names in the environment; --lock-timeout is another patience
  // with locks.
  void add_common(CLI::App& command, std::string_view example, const Patience& patience = kCommandPatience);

  // For a command on another number of databases than one: each of the parts.
  CLI::Option* add_location(CLI::App& command, const std::string& option, const std::string& description,
                            std::string& location);
  void add_lock_timeout(CLI::App& command, const Patience& patience);
  void add_manners(CLI::App& command, std::string_view example, const Patience& patience);

  // How the command line calls what a fault points at; unless said, "min_price" is "--min-price".
  void name_faults(std::function<std::string(const Fault&)> name) { name_fault_ = std::move(name); }
  std::string one_line(const Problem& problem) const;

  // For a command that stays: --wait-for-database, for which open_database() then waits.
  void add_wait_for_database(CLI::App& command);
  // For a command that stays, likewise: --database-connections.
  void add_database_connections(CLI::App& command);

  std::span<char* const> arguments() const { return arguments_; }
  bool wants_json() const { return wants_json_; }
  const Clock& clock() const { return clock_; }
  const DatabaseChoice& database_choice();
  const Patience& patience() const { return patience_; }
  Database open_database(sql::Missing missing,
                         const std::function<void(std::uint64_t log_bytes)>& log_is_held = {});
  // For commands that only read: the database stays as it is, its schema too, and need be no more than
  // readable.
  Database open_database_to_read();

  // Results, on standard output. JSON is one document; text is taken as it is. Throws ReaderGone, or
  // std::runtime_error for any other fault.
  void print(std::string_view text);
  void print_json(std::string document);
  // A table without rows is a remark instead, `if_empty`.
  void print(const Table& table, std::string_view if_empty);

  // Remarks, on standard error: one line each, whatever is in it.
  void remark(std::string_view line);

  // What the process is to end with if nothing is thrown.
  int exit_status() const { return exit_status_; }
  void refused() { exit_status_ = 1; }

 private:
  const std::span<char* const> arguments_;
  SystemClock clock_;
  std::chrono::seconds wait_for_database_{0};
  std::size_t database_connections_ = kDatabaseConnections;
  std::string database_;  // as given; empty: not
  std::optional<DatabaseChoice> choice_;
  std::function<std::string(const Fault&)> name_fault_;
  bool wants_json_ = false;
  Patience patience_ = kCommandPatience;
  int exit_status_ = 0;
};

}  // namespace aforro::app

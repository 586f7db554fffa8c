#include "app/session.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <utility>

#include "app/commands.h"
#include "app/number_option.h"
#include "app/settings.h"
#include "app/terminal.h"
#include "base/passwords.h"
#include "base/shorten.h"
#include "base/text.h"

namespace aforro::app {

std::string on_one_line(std::string text) {
  text = for_terminal(without_passwords(text));
  while (!text.empty() && text.back() == ' ') text.pop_back();
  constexpr std::size_t kMaxBytes = 4'096;  // more than any path, far less than what can be typed
  return shortened(text, kMaxBytes);
}

namespace {

constexpr std::size_t kFaultsOnALine = 10;
constexpr std::chrono::milliseconds kLookForDatabaseEvery{250};

// Of `aforro jobs --database shop.db list` the part before `list` counts, too, and more than the environment.
bool is_given_before(const CLI::App& command, const CLI::Option& option) {
  const CLI::Option* const outer = command.get_parent()->get_option_no_throw(option.get_name());
  return outer != nullptr && outer->count() > 0;
}

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

// The scheme of an address by RFC 3986, and with a '_' as Python's drivers may have it.
bool is_scheme(std::string_view text) {
  static const std::string kOthers = std::string(kLetters) + "0123456789+-._";
  return !text.empty() && kLetters.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of(kOthers) == std::string_view::npos;
}

// What a connection string begins with: `host` of "host=db", `Data Source` of "Data Source=db".
bool is_parameter(std::string_view text) {
  static const std::string kOthers = std::string(kLetters) + "0123456789-._ ";
  return !text.empty() && text.find_first_not_of(kOthers) == std::string_view::npos;
}

// What else than a file or an address of ours it is. Nothing of it but the scheme is shown: there may be a
// password anywhere behind that.
std::string foreign_address(const std::string& given) {
  const std::string_view text = trim(given);
  for (const std::string_view path : {"/", "./", "../"}) {
    if (text.starts_with(path)) return {};
  }
  if (text.starts_with("postgres://") || text.starts_with("postgresql://")) return "one behind a blank";
  const std::size_t end = text.find_first_of(":=/");
  const std::string_view beginning = text.substr(0, end);
  const std::string_view rest = end == std::string_view::npos ? std::string_view() : text.substr(end);
  const bool is_address = text.find("://") != std::string_view::npos;
  // SQLite has a meaning for `file:x`. Here it is a file of that name.
  if (rest.starts_with(':') && is_scheme(beginning) && (is_address || beginning != "file")) {
    return shortened(beginning, 32) + (rest.starts_with("://") ? "://" : ":");
  }
  if (is_address) return "another address";
  if (rest.starts_with('=') && is_parameter(beginning)) return shortened(beginning, 32) + "=";
  return {};
}

// What helps where it is nearly right.
std::string address_hint(std::string_view foreign) {
  if (foreign.starts_with("postgres")) return {};
  if (foreign.starts_with("sqlite") || foreign.starts_with("file:")) return "; a file's name stands alone";
  return foreign.ends_with("://") ? "" : "; a file of such a name is ./NAME";
}

// An address of another kind of database is not the name of a file.
std::string database_fault(const std::string& given) {
  if (given.empty()) return "must not be empty";
  if (given.starts_with("postgres://") || given.starts_with("postgresql://")) return {};
  const std::string foreign = foreign_address(given);
  if (foreign.empty()) return {};
  return "must be a SQLite file or postgres://USER:PASSWORD@HOST:PORT/NAME, and not " + foreign +
         address_hint(foreign);
}

// The API's details are sentences; behind "aforro: " stands none.
std::string as_remark(std::string detail) {
  constexpr std::string_view kBegin = "There is ";
  if (!detail.starts_with(kBegin) || !detail.ends_with('.')) return detail;
  detail.front() = 't';
  detail.pop_back();
  return detail;
}

}  // namespace

void Session::add_common(CLI::App& command, std::string_view example, const Patience& patience) {
  add_location(command, "--database", "SQLite file, or postgres://USER:PASSWORD@HOST:PORT/NAME [aforro.db]",
               database_);
  add_lock_timeout(command, patience);
  add_manners(command, example, patience);
}

CLI::Option* Session::add_location(CLI::App& command, const std::string& option,
                                   const std::string& description, std::string& location) {
  return command
      .add_option_function<std::string>(
          option,
          [option, &location](const std::string& given) {
            if (const std::string fault = database_fault(given); !fault.empty()) {
              throw wrong_usage(option + ' ' + fault);
            }
            location = given;
          },
          description)
      ->type_name("WHERE");
}

void Session::add_lock_timeout(CLI::App& command, const Patience& patience) {
  add_number(command, "--lock-timeout", {.min = 1, .max = 86'400},
             "seconds to wait for what another process has locked",
             [this](std::int64_t seconds) { patience_.locks = std::chrono::seconds(seconds); })
      ->type_name("SECONDS")
      ->default_str(std::to_string(std::chrono::duration_cast<std::chrono::seconds>(patience.locks).count()));
}

void Session::add_manners(CLI::App& command, std::string_view example, const Patience& patience) {
  command.add_flag("--json", wants_json_, "one JSON document on standard output");
  command.footer("Example:\n  " + std::string(example));
  // Only of the command that is asked for: the parser reads the environment for all of them, and what is
  // wrong there with one must not keep another from running.
  command.preparse_callback([this, &command, patience](std::size_t) {
    patience_ = patience;
    if (command.get_name() == "version") return;  // is told even if the settings are wrong
    for (CLI::Option* const option : command.get_options()) {
      const std::string name = setting_name(option->get_single_name());
      if (!name.empty() && !is_given_before(command, *option)) option->envname(name);
    }
  });
}

std::string Session::one_line(const Problem& problem) const {
  if (problem.faults().empty()) return on_one_line(as_remark(problem.detail()));
  const std::vector<Fault>& faults = problem.faults().listed();
  std::string line;
  for (const Fault& fault : std::span(faults).first(std::min(faults.size(), kFaultsOnALine))) {
    std::string name = name_fault_ ? name_fault_(fault) : std::string();
    if (name.empty()) {
      name = "--" + fault.where;
      std::replace(name.begin(), name.end(), '_', '-');
    }
    line += (line.empty() ? "" : "; ") + name + ' ' + fault.detail;
  }
  const std::size_t count = faults.size() + problem.faults().more();
  if (count > kFaultsOnALine) line += "; and " + std::to_string(count - kFaultsOnALine) + " more";
  return on_one_line(line);
}

const DatabaseChoice& Session::database_choice() {
  if (!choice_) {
    const bool is_flag = std::any_of(arguments_.begin(), arguments_.end(), [](std::string_view argument) {
      return argument == "--database" || argument.starts_with("--database=");
    });
    choice_ = choose_database(database_, is_flag ? "--database" : "AFORRO_DATABASE");
    if (choice_->is_implied) remark("using " + shown_location(*choice_) + " (" + choice_->reason + ")");
  }
  return *choice_;
}

void Session::add_wait_for_database(CLI::App& command) {
  add_number(command, "--wait-for-database", {.min = 0, .max = 3'600},
             "seconds to wait at the start for a database server that is not there yet",
             [this](std::int64_t seconds) { wait_for_database_ = std::chrono::seconds(seconds); })
      ->type_name("SECONDS")
      ->default_str("0");
}

void Session::add_database_connections(CLI::App& command) {
  add_number(command, "--database-connections", {.min = 2, .max = 1'000},
             "to a database server at most, a quarter of them for reads alone; two more for what is told and "
             "heard there",
             database_connections_)
      ->default_str(std::to_string(kDatabaseConnections));
}

Database Session::open_database(sql::Missing missing,
                                const std::function<void(std::uint64_t log_bytes)>& log_is_held) {
  const auto until = std::chrono::steady_clock::now() + wait_for_database_;
  for (bool has_told = false;;) {
    try {
      Progress progress("making the shop's texts anew for this version, product");
      return app::open_database(
          database_choice(), missing, sql::Access::read_write, patience_,
          {.migrating = [&](std::int64_t done, std::int64_t all) { progress.show(done, all); },
           .log_is_held = log_is_held},
          database_connections_);
    } catch (const Problem& problem) {
      const bool may_come = problem.kind() == Problem::Kind::unavailable;
      if (!may_come || std::chrono::steady_clock::now() >= until) throw;
      if (!has_told) remark("waiting for the database: " + one_line(problem));
      has_told = true;
    }
    std::this_thread::sleep_for(kLookForDatabaseEvery);
  }
}

Database Session::open_database_to_read() {
  return app::open_database(database_choice(), sql::Missing::refuse, sql::Access::read_only, patience_, {});
}

void Session::print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    if (errno == EPIPE) throw ReaderGone();
    throw std::runtime_error("the result can't be written to standard output");
  }
}

void Session::print_json(std::string document) {
  document += '\n';
  print(document);
}

void Session::print(const Table& table, std::string_view if_empty) {
  if (table.empty()) {
    remark(if_empty);
  } else if (is_terminal(STDOUT_FILENO)) {
    print(table.for_terminal(terminal_width(STDOUT_FILENO), is_styled_terminal()));
  } else {
    print(table.for_pipe());
  }
}

void Session::remark(std::string_view line) {
  const std::string text = for_terminal(without_passwords(line)) + '\n';
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace aforro::app

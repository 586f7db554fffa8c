#include "app/session.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <stdexcept>

#include "app/terminal.h"

namespace aforro::app {

void Session::add_common(CLI::App& command, std::string_view example) {
  command
      .add_option("--database", database_,
                  "SQLite file, or postgres://USER:PASSWORD@HOST:PORT/NAME [aforro.db]")
      ->envname("AFORRO_DATABASE")
      ->type_name("WHERE")
      ->check([](const std::string& given) { return given.empty() ? "must not be empty" : std::string(); },
              "");
  command.add_flag("--json", wants_json_, "one JSON document on standard output");
  command.footer("Example:\n  " + std::string(example));
}

const DatabaseChoice& Session::database_choice() {
  if (!choice_) {
    const bool is_flag = std::any_of(arguments_.begin(), arguments_.end(), [](std::string_view argument) {
      return argument == "--database" || argument.starts_with("--database=");
    });
    choice_ = choose_database(database_, is_flag ? "--database" : "AFORRO_DATABASE");
  }
  return *choice_;
}

Database Session::open_database(sql::Missing missing) {
  return app::open_database(database_choice(), missing);
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

void Session::print(const Table& table) {
  print(is_terminal(STDOUT_FILENO) ? table.for_terminal(terminal_width()) : table.for_pipe());
}

void Session::remark(std::string_view line) {
  std::string text(line);
  text += '\n';
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace aforro::app

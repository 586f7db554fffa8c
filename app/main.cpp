// The command line: which command is asked for, and what becomes of whatever it throws.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <string>

#include "app/commands.h"
#include "app/settings.h"
#include "base/problem.h"

namespace aforro::app {
namespace {

enum Exit : int { done = 0, failed = 1, wrong = 2 };

// The parser's own messages say what is wrong, on lines of their own; one line is promised.
std::string on_one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

int end_parsing(const CLI::App& program, const CLI::ParseError& error, Session& session) {
  if (error.get_exit_code() == 0) {  // --help, --version
    const CLI::App* asked = &program;
    while (!asked->get_subcommands().empty()) asked = asked->get_subcommands().front();
    session.print(asked->help());
    return Exit::done;
  }
  const auto commands = program.get_subcommands();
  const std::string of = commands.empty() ? "" : ' ' + commands.front()->get_name();
  session.remark("aforro" + of + ": " + on_one_line(error.what()) + " (see 'aforro" + of + " --help')");
  return Exit::wrong;
}

std::string one_line(const Problem& problem) {
  if (problem.faults().empty()) return on_one_line(problem.detail());
  std::string line;
  for (const Fault& fault : problem.faults()) {
    if (!line.empty()) line += "; ";
    line += fault.where + ' ' + fault.detail;
  }
  return on_one_line(line);
}

int run(int argc, char** argv) {
  Session session({argv, static_cast<std::size_t>(argc)});
  CLI::App program("The back end of a shop in one program: products, stores, inventory, orders and search.",
                   "aforro");
  program.require_subcommand(1);
  program.footer("'aforro COMMAND --help' tells about one of them. To begin: aforro serve --seed-if-empty");
  try {
    load_settings();
    add_serve(program, session);
    add_migrate(program, session);
    add_seed(program, session);
    add_createsuperuser(program, session);
    add_search(program, session);
    add_suggest(program, session);
    add_order(program, session);
    add_orders(program, session);
    add_inventory(program, session);
    add_import(program, session);
    add_version(program, session);
    program.parse(argc, argv);
    return session.exit_status();
  } catch (const CLI::ParseError& error) {
    return end_parsing(program, error, session);
  } catch (const Problem& problem) {
    session.remark("aforro: " + one_line(problem));
  } catch (const std::exception& error) {
    session.remark("aforro: " + on_one_line(error.what()));
  }
  return Exit::failed;
}

}  // namespace

CLI::ValidationError wrong_usage(const std::string& why) {
  return CLI::ValidationError(why, CLI::ExitCodes::ValidationError);
}

}  // namespace aforro::app

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a full disk, not the end
  return aforro::app::run(argc, argv);
}

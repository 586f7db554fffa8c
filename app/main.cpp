// The command line: which command is asked for, and what becomes of whatever it throws.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/commands.h"
#include "app/settings.h"
#include "base/problem.h"
#include "base/shortage.h"
#include "base/text.h"

namespace aforro::app {
namespace {

enum Exit : int { done = 0, failed = 1, wrong = 2 };

std::string name_of(const CLI::App& command, const std::string& before) {
  return before.empty() ? command.get_name() : before + ' ' + command.get_name();
}

// What is wrong, in words. The parser misses a command before it notices that there is a misspelt one.
std::string fault_of(const CLI::App& command, const CLI::ParseError& error, const Session& session) {
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::RequiredError))
    return on_one_line(error.what());
  const auto commands = command.get_subcommands([](const CLI::App*) { return true; });
  const std::string_view last = session.arguments().back();
  if (commands.empty() || last == command.get_name() || session.arguments().size() < 2)
    return on_one_line(error.what());
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const CLI::App* each : commands) names.push_back(each->get_name());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::size_t at = command.get_parent() == nullptr ? 1 : 2;
  const std::string given = on_one_line(session.arguments()[std::min(at, session.arguments().size() - 1)]);
  const auto nearest = nearest_name(given, views);
  return "there is no command " + given +
         (nearest ? "; did you mean " + std::string(*nearest) + "?" : std::string());
}

// Whether the arguments ask for help, whatever is wrong with the others.
bool asks_for_help(const Session& session) {
  for (const std::string_view argument : session.arguments()) {
    if (argument == "--") return false;
    if (argument == "--help" || argument == "-h") return true;
  }
  return false;
}

bool is_about_a_value(const CLI::ParseError& error) {
  return error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ValidationError) ||
         error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ConversionError);
}

// Whether the flag is there as a word.
bool speaks_of(std::string_view text, std::string_view flag) {
  const std::size_t at = text.find(flag);
  if (at == std::string_view::npos) return false;
  const std::string_view behind = text.substr(at + flag.size());
  return behind.empty() || behind.front() == ' ' || behind.front() == ':';
}

// The settings of the files, in the environment by now; what is wrong with them, or to be noted, is kept.
class Settings {
 public:
  void load() {
    try {
      loaded_ = load_settings();
    } catch (const Problem& problem) {
      fault_ = problem;
    }
  }

  // Throws Problem if there was a fault.
  void tell(Session& session) const {
    if (fault_) throw Problem(*fault_);
    for (const std::string& note : loaded_.notes) session.remark(on_one_line(note));
  }

  // Where the option that a fault speaks of was set, if that was not on the command line: nobody has typed
  // what the fault names. " (AFORRO_CACHE_SIZE, .env, line 2)", or nothing.
  std::string origin(const CLI::App& command, std::string_view fault, const Session& session) const {
    for (const CLI::Option* option : command.get_options()) {
      const std::string flag = "--" + option->get_single_name();
      const std::string name = setting_name(option->get_single_name());
      if (name.empty() || std::getenv(name.c_str()) == nullptr || !speaks_of(fault, flag)) continue;
      const bool is_typed = std::any_of(
          session.arguments().begin(), session.arguments().end(),
          [&](std::string_view argument) { return argument == flag || argument.starts_with(flag + '='); });
      if (is_typed) continue;
      const auto place = loaded_.origins.find(name);
      return " (" + name + (place == loaded_.origins.end() ? "" : ", " + place->second) + ")";
    }
    return {};
  }

 private:
  LoadedSettings loaded_;
  std::optional<Problem> fault_;
};

int end_parsing(const CLI::App& program, const CLI::ParseError& error, const Settings& settings,
                Session& session) {
  const CLI::App* asked = &program;
  std::string before;
  while (!asked->get_subcommands().empty()) {
    before = name_of(*asked, before);
    asked = asked->get_subcommands().front();
  }
  if (dynamic_cast<const CLI::CallForVersion*>(&error) != nullptr) {
    session.print(error.what());
    return Exit::done;
  }
  // The parser looks at values, those of the environment among them, before it looks for --help.
  if (error.get_exit_code() == 0 || (is_about_a_value(error) && asks_for_help(session))) {
    session.print(asked->help(before));
    return Exit::done;
  }
  const std::string name = name_of(*asked, before);
  const std::string fault = fault_of(*asked, error, session);
  session.remark(name + ": " + fault + settings.origin(*asked, fault, session) + " (see '" + name +
                 " --help')");
  return Exit::wrong;
}

// Without any memory of its own.
void say_shortage(std::string_view what) noexcept {
  for (const std::string_view part : {std::string_view("aforro: "), what, std::string_view("\n")}) {
    std::fwrite(part.data(), 1, part.size(), stderr);
  }
}

int run(int argc, char** argv) {
  Session session({argv, static_cast<std::size_t>(argc)});
  CLI::App program("The back end of a shop in one program: products, stores, inventory, orders and search.",
                   "aforro");
  program.require_subcommand(1);
  program.footer("'aforro COMMAND --help' tells about one of them. To begin: aforro serve --seed-if-empty");
  Settings settings;
  try {
    settings.load();
    // Once it is known what is asked for, and before it is done: help and the version are told whatever the
    // settings are.
    program.parse_complete_callback([&] {
      if (!program.got_subcommand("version")) settings.tell(session);
    });
    add_serve(program, session);
    add_migrate(program, session);
    add_seed(program, session);
    add_createsuperuser(program, session);
    add_search(program, session);
    add_suggest(program, session);
    add_order(program, session);
    add_orders(program, session);
    add_confirm(program, session);
    add_cancel(program, session);
    add_inventory(program, session);
    add_receive(program, session);
    add_adjust(program, session);
    add_transfer(program, session);
    add_movements(program, session);
    add_import(program, session);
    add_jobs(program, session);
    add_verify(program, session);
    add_backup(program, session);
    add_restore(program, session);
    add_version(program, session);
    program.parse(argc, argv);
    return session.exit_status();
  } catch (const CLI::ParseError& error) {
    return end_parsing(program, error, settings, session);
  } catch (const ReaderGone&) {
    return Exit::failed;
  } catch (const Problem& problem) {
    session.remark("aforro: " + session.one_line(problem));
  } catch (const Shortage& fault) {
    say_shortage(fault.what());
  } catch (const Unavailable& fault) {
    session.remark("aforro: " + on_one_line(fault.what()) +
                   "; another process holds it, or the disk is full: try again");
  } catch (const OutcomeUnknown& fault) {
    session.remark("aforro: " + on_one_line(fault.what()) +
                   "; it may have been stored, or not: look before you try again");
  } catch (const std::exception& error) {
    const std::string_view what = shortage_of(error);
    what.empty() ? session.remark("aforro: " + on_one_line(error.what())) : say_shortage(what);
  }
  return Exit::failed;
}

}  // namespace

CLI::ValidationError wrong_usage(const std::string& why) {
  return CLI::ValidationError(why, CLI::ExitCodes::ValidationError);
}

void as_usage(const Session& session, FunctionRef<void()> check) {
  try {
    check();
  } catch (const Problem& problem) {
    throw wrong_usage(session.one_line(problem));
  }
}

}  // namespace aforro::app

int main(int argc, char** argv) {
  // A file that may not grow is a full disk, and a reader that is gone an output that can't be written: both
  // are faults of one call, not the end.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return aforro::app::run(argc, argv);
  } catch (const std::bad_alloc&) {
    aforro::app::say_shortage(aforro::kOutOfMemory);
    return aforro::app::Exit::failed;
  }
}

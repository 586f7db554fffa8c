// The command line: which command is asked for, and what is told of the exception that ends it.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/commands.h"
#include "app/help.h"
#include "app/settings.h"
#include "app/standard_descriptors.h"
#include "app/terminal.h"
#include "app/usage.h"
#include "base/json_writer.h"
#include "base/passwords.h"
#include "base/problem.h"
#include "base/shortage.h"
#include "base/text.h"

namespace aforro::app {
namespace {

constexpr const char* kProgram = "aforro";

enum Exit : int { done = 0, failed = 1, wrong = 2 };

std::string name_of(const CLI::App& command, const std::string& before) {
  return before.empty() ? command.get_name() : before + ' ' + command.get_name();
}

// Whether one of these is among the arguments, even if others are wrong.
bool is_among(const Session& session, std::initializer_list<std::string_view> wanted) {
  for (const std::string_view argument : session.arguments()) {
    if (argument == "--") return false;
    if (std::find(wanted.begin(), wanted.end(), argument) != wanted.end()) return true;
  }
  return false;
}

bool asks_for_help(const Session& session) { return is_among(session, {"--help", "-h"}); }

// "--json=yes" is how some people say it; even what is no answer to it is asked for by a program.
bool asks_for_json(const Session& session) {
  for (const std::string_view argument : session.arguments()) {
    if (argument == "--") return false;
    if (argument == "--json" || (argument.starts_with("--json=") && argument != "--json=false")) return true;
  }
  return false;
}

// What went wrong, for people on standard error, and where JSON was asked for as a document too. The kind is
// that of the API's problems, or "usage".
void tell_failure(Session& session, std::string_view kind, const std::string& who,
                  const std::string& detail) {
  session.remark(who + ": " + detail);
  if (!asks_for_json(session)) return;
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.key("kind").string(kind);
  json.key("detail").string(without_passwords(detail));
  json.end_object().end_object();
  try {
    session.print_json(json.take());
  } catch (const std::exception&) {
    // standard output is closed or full
  }
}

void print_help(Session& session, const CLI::App& command, const std::string& before) {
  const std::string text = command.help(before);
  const std::optional<std::size_t> width =
      is_terminal(STDOUT_FILENO) ? std::optional(terminal_width(STDOUT_FILENO)) : wanted_width();
  session.print(width ? wrapped_help(text, *width) : text);
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
    print_help(session, *asked, before);
    return Exit::done;
  }
  if (session.arguments().size() == 1) {
    print_help(session, program, "");
    return Exit::done;
  }
  const std::string name = name_of(*asked, before);
  const std::string fault = usage_fault(*asked, error, session);
  tell_failure(session, "usage", name,
               fault + settings.origin(*asked, fault, session) + " (see '" + name + " --help')");
  return Exit::wrong;
}

// The arguments as the parser is to see them, the last first: "help order" is "order --help".
std::vector<std::string> arguments_to_parse(const CLI::App& program, const Session& session) {
  std::vector<std::string> words(session.arguments().begin() + 1, session.arguments().end());
  if (!words.empty() && words.front() == "help") {
    words.erase(words.begin());
    const CLI::App* asked = &program;
    for (const std::string& word : words) {
      const auto found =
          asked->get_subcommands([&](const CLI::App* each) { return each->get_name() == word; });
      if (found.empty()) throw wrong_usage(no_command(*asked, word));
      asked = found.front();
    }
    words.emplace_back("--help");
  }
  std::reverse(words.begin(), words.end());
  return words;
}

void add_help(CLI::App& program, Session&) {
  program.add_subcommand("help", "tell about the program, or one of its commands: help COMMAND");
}

// Commands that stand under one heading of the program's help.
void add_group(CLI::App& program, Session& session, const char* heading,
               std::initializer_list<void (*)(CLI::App&, Session&)> commands) {
  const auto any = [](CLI::App*) { return true; };
  const std::size_t before = program.get_subcommands(any).size();
  for (const auto add : commands) add(program, session);
  const auto all = program.get_subcommands(any);
  for (std::size_t i = before; i < all.size(); ++i) {
    all[i]->group(heading);
    for (CLI::App* const own : all[i]->get_subcommands(any)) own->group("Commands");
    if (all[i]->get_require_subcommand_min() > 0) {
      all[i]->footer("'aforro " + all[i]->get_name() + " COMMAND --help' tells about one of them.");
    }
  }
}

// Without any memory of its own.
void say_shortage(std::string_view what) noexcept {
  for (const std::string_view part : {std::string_view("aforro: "), what, std::string_view("\n")}) {
    std::fwrite(part.data(), 1, part.size(), stderr);
  }
}

// Parses the arguments and runs the command. What the parser throws ends here, so that what is thrown while
// that is told (a help that can't be written) is still caught in run().
int parse_and_run(CLI::App& program, const Settings& settings, Session& session) {
  try {
    program.parse(arguments_to_parse(program, session));
    return session.exit_status();
  } catch (const CLI::ParseError& error) {
    return end_parsing(program, error, settings, session);
  }
}

int run(int argc, char** argv) {
  Session session({argv, static_cast<std::size_t>(argc)});
  CLI::App program("The back end of a shop in one program: products, stores, inventory, orders and search.",
                   "aforro");
  program.require_subcommand(1);
  program.set_help_flag("-h,--help", "show this, and nothing else");
  program.get_formatter()->label("SUBCOMMAND", "COMMAND");
  program.get_formatter()->label("Subcommands", "Commands");
  program.get_formatter()->label("REQUIRED", "(required)");
  program.get_formatter()->label("Positionals", "Arguments");
  program.footer("'aforro COMMAND --help' tells about one of them. To begin: aforro serve --seed-if-empty");
  Settings settings;
  try {
    settings.load();
    // Once it is known what is asked for, and before it is done: help and the version are told whatever the
    // settings are.
    program.parse_complete_callback([&] {
      if (!program.got_subcommand("version")) settings.tell(session);
    });
    add_group(program, session, "The server",
              {add_serve, add_work, add_health, add_createsuperuser, add_jobs, add_verify, add_backup,
               add_restore, add_copy, add_migrate});
    add_group(program, session, "The catalogue",
              {add_stores, add_categories, add_product, add_search, add_suggest, add_synonyms, add_import,
               add_seed});
    add_group(program, session, "Orders", {add_order, add_orders, add_confirm, add_cancel});
    add_group(program, session, "Stock",
              {add_inventory, add_receive, add_count, add_adjust, add_transfer, add_movements});
    add_group(program, session, "The program", {add_help, add_version});
    return parse_and_run(program, settings, session);
  } catch (const ReaderGone&) {
    return Exit::failed;
  } catch (const Problem& problem) {
    tell_failure(session, name_of(problem.kind()), kProgram, session.one_line(problem));
  } catch (const Shortage& fault) {
    say_shortage(fault.what());
  } catch (const Unavailable& fault) {
    tell_failure(session, name_of(Problem::Kind::unavailable), kProgram,
                 on_one_line(fault.what()) + "; another process holds it, or the disk is full: try again");
  } catch (const OutcomeUnknown& fault) {
    tell_failure(session, name_of(Problem::Kind::unknown), kProgram,
                 on_one_line(fault.what()) + "; it may have been stored, or not: look before you try again");
  } catch (const std::exception& error) {
    const std::string_view what = shortage_of(error);
    what.empty()
        ? tell_failure(session, name_of(Problem::Kind::internal), kProgram, on_one_line(error.what()))
        : say_shortage(what);
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
  if (!aforro::app::occupy_standard_descriptors()) return aforro::app::Exit::failed;
  try {
    return aforro::app::run(argc, argv);
  } catch (const std::bad_alloc&) {
    aforro::app::say_shortage(aforro::kOutOfMemory);
    return aforro::app::Exit::failed;
  }
}

#include "app/usage.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "app/commands.h"
#include "base/foreign_names.h"
#include "base/text.h"

namespace aforro::app {
namespace {

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// The only option whose name begins with the letter, if that is what is typed: -d for --database, -V for
// --version.
std::optional<std::string_view> meant_letter(char letter, std::span<const std::string_view> names) {
  if (letter == '?') return "--help";
  const char small = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  std::optional<std::string_view> found;
  for (const std::string_view name : names) {
    if (name.size() < 3 || name[2] != small) continue;
    if (found) return std::nullopt;
    found = name;
  }
  return found;
}

bool is_letter_option(std::string_view argument) {
  if (argument.size() < 2 || argument[0] != '-') return false;
  const char c = argument[1];
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '?';
}

std::string with_meant(const std::string& fault, std::optional<std::string_view> meant) {
  return fault + (meant ? "; did you mean " + std::string(*meant) + "?" : std::string());
}

// "there is no option --stor; did you mean --store?"; nothing if all that are given are the command's.
std::string unknown_option(const CLI::App& command, const Session& session) {
  const std::vector<std::string> names = options_of(command);
  const std::vector<std::string_view> views(names.begin(), names.end());
  for (const std::string_view argument : session.arguments()) {
    const std::string_view name = argument.substr(0, argument.find('='));
    if (name == "--") break;
    if (is_letter_option(argument) && !argument.starts_with("-h")) {
      return with_meant("there is no option " + std::string(name), meant_letter(argument[1], views));
    }
    if (!name.starts_with("--") || std::find(views.begin(), views.end(), name) != views.end()) continue;
    return with_meant("there is no option " + std::string(name), meant_name(name, views));
  }
  return {};
}

// "list, retry or discard"
std::string either_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  }
  return text;
}

std::vector<std::string> commands_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* each : command.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(each->get_name());
  }
  return names;
}

// What is wrong with the command of a command, such as of `aforro`; nothing if it has none of its own, or
// none is given.
std::string unknown_command(const CLI::App& command, const Session& session) {
  const std::vector<std::string> names = commands_of(command);
  const std::string_view last = session.arguments().back();
  if (names.empty() || session.arguments().size() < 2) return {};
  if (last == command.get_name()) return "one of its commands is needed: " + either_of(names);
  const std::size_t at = command.get_parent() == nullptr ? 1 : 2;
  const std::string& given = session.arguments()[std::min(at, session.arguments().size() - 1)];
  return given.starts_with("-") ? std::string() : no_command(command, given);
}

// What the command of a Django service, or of its worker, is called here.
std::optional<std::string_view> commands_elsewhere(std::string_view given) {
  struct Elsewhere {
    std::string_view theirs;
    std::string_view ours;
  };
  static constexpr std::array kElsewhere{Elsewhere{"runserver", "serve"},
                                         Elsewhere{"gunicorn", "serve"},
                                         Elsewhere{"start", "serve"},
                                         Elsewhere{"seed_data", "seed"},
                                         Elsewhere{"loaddata", "import"},
                                         Elsewhere{"dumpdata", "backup"},
                                         Elsewhere{"worker", "work"},
                                         Elsewhere{"celery", "work"},
                                         Elsewhere{"makemigrations", "migrate"},
                                         Elsewhere{"check", "verify"},
                                         Elsewhere{"healthcheck", "health"}};
  const auto* const found = std::find_if(kElsewhere.begin(), kElsewhere.end(),
                                         [&](const Elsewhere& each) { return each.theirs == given; });
  return found == kElsewhere.end() ? std::nullopt : std::optional(found->ours);
}

// The same of a command that does something by itself, too: what is too much may have been meant as one of
// its own.
std::string surplus_command(const CLI::App& command) {
  if (commands_of(command).empty()) return {};
  for (const std::string& given : command.remaining()) {
    if (!given.starts_with("-")) return no_command(command, given);
  }
  return {};
}

}  // namespace

std::string no_command(const CLI::App& command, const std::string& given) {
  const std::vector<std::string> names = commands_of(command);
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto known = commands_elsewhere(given);
  const bool is_ours = known && std::find(views.begin(), views.end(), *known) != views.end();
  return with_meant("there is no command " + given, is_ours ? known : nearest_name(given, views));
}

// The parser misses what is required before it notices what is misspelt.
std::string usage_fault(const CLI::App& command, const CLI::ParseError& error, const Session& session) {
  const bool is_missing = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError);
  const bool is_extra = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
  std::string fault = is_missing ? unknown_command(command, session) : std::string();
  if (fault.empty() && (is_missing || is_extra)) fault = unknown_option(command, session);
  if (fault.empty() && is_extra) fault = surplus_command(command);
  return on_one_line(fault.empty() ? error.what() : fault);
}

}  // namespace aforro::app

#include "app/settings.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "app/file.h"
#include "base/assignments.h"
#include "base/encoding.h"
#include "base/lookalike.h"
#include "base/problem.h"
#include "base/text.h"

namespace aforro::app {
namespace {

constexpr auto kNames = std::to_array<std::string_view>({"AFORRO_DATABASE",
                                                         "AFORRO_LOCK_TIMEOUT",
                                                         "AFORRO_LISTEN",
                                                         "AFORRO_SOCKET_MODE",
                                                         "AFORRO_TLS_CERT",
                                                         "AFORRO_TLS_KEY",
                                                         "AFORRO_SUGGEST_RATE",
                                                         "AFORRO_LIMIT",
                                                         "AFORRO_TRUSTED_PROXY",
                                                         "AFORRO_CORS_ORIGIN",
                                                         "AFORRO_LOG_LEVEL",
                                                         "AFORRO_SEED_IF_EMPTY",
                                                         "AFORRO_NO_JOBS",
                                                         "AFORRO_WAIT_FOR_DATABASE",
                                                         "AFORRO_DATABASE_CONNECTIONS",
                                                         "AFORRO_MAX_CONNECTIONS",
                                                         "AFORRO_REQUEST_TIMEOUT",
                                                         "AFORRO_CACHE_SIZE",
                                                         "AFORRO_MAX_BUFFERED",
                                                         "AFORRO_SPOOL",
                                                         "AFORRO_MAX_SPOOLED",
                                                         "AFORRO_SUPERUSER_PASSWORD",
                                                         "AFORRO_REDIS",
                                                         "AFORRO_REDIS_PATIENCE",
                                                         "AFORRO_REDIS_CA",
                                                         "REDIS_HOST",
                                                         "REDIS_PORT",
                                                         "REDIS_PASSWORD",
                                                         "DB_NAME",
                                                         "DB_USER",
                                                         "DB_PASSWORD",
                                                         "DB_HOST",
                                                         "DB_PORT"});
// The Django service had these; there is nothing here that they could be for.
constexpr auto kWithoutEffect = std::to_array<std::string_view>({"REDIS_URL", "CELERY_BROKER_URL"});
constexpr std::string_view kConfigurationName = "AFORRO_CONFIG";
constexpr std::string_view kPrefix = "AFORRO_";
constexpr std::size_t kMaxFileBytes = 1024 * 1024;

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_known(std::string_view name) { return is_one_of(kNames, name) || is_one_of(kWithoutEffect, name); }

bool is_set(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value != nullptr && *value != '\0';
}

// "suggest-rate" as the environment has it. The names that other services share stay as they are.
std::string environment_name(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return is_known(upper) ? upper : std::string(kPrefix) + upper;
}

std::string option_name(std::string_view environment_name) {
  if (environment_name.starts_with(kPrefix)) environment_name.remove_prefix(kPrefix.size());
  std::string name(environment_name);
  for (char& c : name) c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Problem(Problem::Kind::invalid, file.string() + ", " + why);
}

// What `parse` makes of the file; names the file in what it throws.
template <class F>
std::vector<Assignment> parse_file(const std::filesystem::path& file, const std::string& text, F&& parse) {
  try {
    return parse(text);
  } catch (const Problem& problem) {
    refuse(file, problem.detail());
  }
}

std::string place_of(const std::filesystem::path& file, const Assignment& assignment) {
  return file.string() + ", line " + std::to_string(assignment.line);
}

void set_default(const std::string& name, const std::filesystem::path& file, const Assignment& assignment,
                 LoadedSettings& settings) {
  if (is_set(name)) return;
  ::setenv(name.c_str(), assignment.value.c_str(), 1);
  settings.origins.insert_or_assign(name, place_of(file, assignment));
}

// The setting that a name of the environment without its prefix, or one of our file, was meant to be.
std::optional<std::string> nearest_setting(const std::string& name) {
  std::vector<std::string> known;
  known.reserve(kNames.size());
  for (const std::string_view each : kNames) known.push_back(option_name(each));
  const std::vector<std::string_view> views(known.begin(), known.end());
  const auto nearest = nearest_name(name, views);
  return nearest ? std::optional(std::string(*nearest)) : std::nullopt;
}

// The text of the file in UTF-8. That it was UTF-16, as editors of Windows have it, is noted. Throws Problem
// that names the file.
std::string read_text(const std::filesystem::path& file, std::vector<std::string>& notes) {
  std::string bytes = read_file(file, kMaxFileBytes);
  try {
    const Encoding encoding = guess_encoding(bytes);
    if (encoding == Encoding::utf8) return bytes;
    notes.push_back("note: " + file.string() + " is in " + std::string(name_of(encoding)) +
                    ", which few other programs read; save it as UTF-8");
    return to_utf8(std::move(bytes), encoding);
  } catch (const Problem& problem) {
    refuse(file, problem.detail());
  }
}

// The text of `.env`; nothing if there is no such file, or none that can be read, which is then noted.
std::optional<std::string> read_dot_env(const std::filesystem::path& file, std::vector<std::string>& notes) {
  std::error_code unreachable;
  if (!std::filesystem::is_regular_file(file, unreachable)) return std::nullopt;
  try {
    return read_text(file, notes);
  } catch (const Problem& problem) {
    notes.push_back("note: " + problem.detail() + "; going on without it");
    return std::nullopt;
  }
}

std::vector<Assignment> find_ours(std::string_view text) {
  return find_assignments(text,
                          [](std::string_view name) { return name.starts_with(kPrefix) || is_known(name); });
}

// Notes the first setting of ours that is passed over for what nobody sees beside its name: NULs, or a byte
// order mark where files were joined.
void note_hidden(const std::filesystem::path& file, std::string_view text,
                 const std::vector<Assignment>& found, std::vector<std::string>& notes) {
  const std::string visible = without_invisible(text);
  if (visible == text) return;
  try {
    for (const Assignment& there : find_ours(visible)) {
      const bool is_found = std::any_of(found.begin(), found.end(),
                                        [&](const Assignment& each) { return each.name == there.name; });
      if (is_found || !is_known(there.name)) continue;
      notes.push_back(
          "note: " + place_of(file, there) + ": " + there.name +
          " is passed over, since characters that can't be seen are in its name or beside it; save "
          "the file as UTF-8");
      return;
    }
  } catch (const Problem&) {
    // what can be seen makes no sense either
  }
}

void note_unreadable(const std::filesystem::path& file, const std::vector<Assignment>& found,
                     std::vector<std::string>& notes) {
  for (const Assignment& each : found) {
    if (!is_known(each.name) || is_valid_utf8(each.value)) continue;
    notes.push_back("note: " + place_of(file, each) + ": the value of " + each.name +
                    " is not UTF-8, and taken as the bytes that are there; save the file as UTF-8");
    return;
  }
}

void load_dot_env(LoadedSettings& settings) {
  const std::filesystem::path file = ".env";
  const auto text = read_dot_env(file, settings.notes);
  if (!text) return;
  std::vector<Assignment> assignments = parse_file(file, *text, find_ours);
  note_hidden(file, *text, assignments, settings.notes);
  note_unreadable(file, assignments, settings.notes);
  for (const Assignment& assignment : assignments) {
    if (is_known(assignment.name) || assignment.name == kConfigurationName) continue;
    // Others may have names with our prefix, too, such as that of an image to run: only a slip is told.
    const auto nearest = nearest_setting(option_name(assignment.name));
    if (!nearest) continue;
    settings.notes.push_back("note: " + place_of(file, assignment) + ": there is no setting " +
                             assignment.name + "; did you mean " + environment_name(*nearest) + "?");
  }
  std::reverse(assignments.begin(), assignments.end());  // of two the later counts
  for (const Assignment& assignment : assignments) {
    if (is_known(assignment.name) || assignment.name == kConfigurationName) {
      set_default(assignment.name, file, assignment, settings);
    }
  }
}

void load_configuration(LoadedSettings& settings) {
  const char* const named = std::getenv(kConfigurationName.data());
  const bool is_named = named != nullptr && *named != '\0';
  const std::filesystem::path file = is_named ? named : "aforro.conf";
  std::error_code unreachable;
  if (!is_named && !std::filesystem::exists(file, unreachable)) return;
  // One that is named may be a pipe of a shell; of what merely lies there, a pipe would be waited for.
  if (!is_named && !std::filesystem::is_regular_file(file, unreachable)) {
    throw Problem(Problem::Kind::invalid, file.string() + " is no file");
  }
  for (const Assignment& assignment : parse_file(file, read_text(file, settings.notes), parse_assignments)) {
    const std::string name = environment_name(assignment.name);
    if (!is_known(name)) {
      const auto nearest = nearest_setting(assignment.name);
      refuse(file, "line " + std::to_string(assignment.line) + ": there is no setting " + assignment.name +
                       (nearest ? "; did you mean " + *nearest + "?" : std::string()));
    }
    set_default(name, file, assignment, settings);
  }
}

}  // namespace

std::span<const std::string_view> setting_names() { return kNames; }

std::string setting_name(std::string_view flag) {
  const std::string name = environment_name(flag);
  return is_one_of(kNames, name) ? name : std::string();
}

LoadedSettings load_settings() {
  LoadedSettings settings;
  load_dot_env(settings);
  load_configuration(settings);
  return settings;
}

std::vector<std::string_view> settings_without_effect() {
  std::vector<std::string_view> found;
  for (const std::string_view name : kWithoutEffect) {
    if (is_set(std::string(name))) found.push_back(name);
  }
  return found;
}

}  // namespace aforro::app

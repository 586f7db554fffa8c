#include "app/settings.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "app/file.h"
#include "base/assignments.h"
#include "base/problem.h"
#include "base/text.h"

namespace aforro::app {
namespace {

constexpr std::array<std::string_view, 19> kNames{"AFORRO_DATABASE",
                                                  "AFORRO_LOCK_TIMEOUT",
                                                  "AFORRO_LISTEN",
                                                  "AFORRO_SUGGEST_RATE",
                                                  "AFORRO_TRUSTED_PROXY",
                                                  "AFORRO_CORS_ORIGIN",
                                                  "AFORRO_LOG_LEVEL",
                                                  "AFORRO_SEED_IF_EMPTY",
                                                  "AFORRO_MAX_CONNECTIONS",
                                                  "AFORRO_REQUEST_TIMEOUT",
                                                  "AFORRO_CACHE_SIZE",
                                                  "AFORRO_MAX_BUFFERED",
                                                  "AFORRO_SUPERUSER_PASSWORD",
                                                  "DB_NAME",
                                                  "DB_USER",
                                                  "DB_PASSWORD",
                                                  "DB_HOST",
                                                  "DB_PORT",
                                                  "REDIS_HOST"};
constexpr std::size_t kMaxFileBytes = 1024 * 1024;

bool is_known(std::string_view name) { return std::find(kNames.begin(), kNames.end(), name) != kNames.end(); }

// "suggest-rate" as the environment has it. The names that other services share stay as they are.
std::string environment_name(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return is_known(upper) ? upper : "AFORRO_" + upper;
}

std::string option_name(std::string_view environment_name) {
  static constexpr std::string_view kPrefix = "AFORRO_";
  if (environment_name.starts_with(kPrefix)) environment_name.remove_prefix(kPrefix.size());
  std::string name(environment_name);
  for (char& c : name) c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Problem(Problem::Kind::invalid, file.string() + ", " + why);
}

std::vector<Assignment> read(const std::filesystem::path& file) {
  const std::string text = read_file(file, kMaxFileBytes);
  try {
    return parse_assignments(text);
  } catch (const Problem& problem) {
    refuse(file, problem.detail());
  }
}

void set_default(const std::string& name, const std::string& value) {
  if (const char* const present = std::getenv(name.c_str()); present != nullptr && *present != '\0') return;
  ::setenv(name.c_str(), value.c_str(), 1);
}

void load_dot_env() {
  const std::filesystem::path file = ".env";
  std::error_code ignored;  // in a folder that may not be looked into there is none for us
  if (!std::filesystem::is_regular_file(file, ignored)) return;
  std::vector<Assignment> assignments = read(file);
  std::reverse(assignments.begin(), assignments.end());  // of two the later counts
  for (const Assignment& assignment : assignments) {
    if (is_known(assignment.name)) set_default(assignment.name, assignment.value);
  }
}

void load_configuration() {
  const char* const named = std::getenv("AFORRO_CONFIG");
  const bool is_named = named != nullptr && *named != '\0';
  const std::filesystem::path file = is_named ? named : "aforro.conf";
  std::error_code ignored;
  if (!is_named && !std::filesystem::exists(file, ignored)) return;
  for (const Assignment& assignment : read(file)) {
    const std::string name = environment_name(assignment.name);
    if (!is_known(name)) {
      std::vector<std::string> known;
      known.reserve(kNames.size());
      for (const std::string_view each : kNames) known.push_back(option_name(each));
      const std::vector<std::string_view> views(known.begin(), known.end());
      const auto nearest = nearest_name(assignment.name, views);
      refuse(file, "line " + std::to_string(assignment.line) + ": there is no setting " + assignment.name +
                       (nearest ? "; did you mean " + std::string(*nearest) + "?" : std::string()));
    }
    set_default(name, assignment.value);
  }
}

}  // namespace

std::span<const std::string_view> setting_names() { return kNames; }

std::string setting_name(std::string_view flag) {
  const std::string name = environment_name(flag);
  return is_known(name) ? name : std::string();
}

void load_settings() {
  load_dot_env();
  load_configuration();
}

}  // namespace aforro::app

#include "app/log_level.h"

#include <CLI/CLI.hpp>

#include "app/commands.h"

namespace aforro::app {

void add_log_level(CLI::App& command, std::string& level) {
  command.add_option("--log-level", level, "debug, info, warning or error")
      ->type_name("LEVEL")
      ->capture_default_str();
}

Log::Level parse_log_level(const std::string& text) {
  if (text == "debug") return Log::Level::debug;
  if (text == "info") return Log::Level::info;
  if (text == "warning") return Log::Level::warning;
  if (text == "error") return Log::Level::error;
  throw wrong_usage("--log-level must be debug, info, warning or error");
}

}  // namespace aforro::app

// How much a process that stays says in its log: --log-level.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "base/log.h"

namespace aforro::app {

// The text must live as long as the command.
void add_log_level(CLI::App& command, std::string& level);

// Throws wrong usage if it is none.
Log::Level parse_log_level(const std::string& text);

}  // namespace aforro::app

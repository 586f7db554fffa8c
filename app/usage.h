// What is wrong with a command line, in words. Functions without state.
#pragma once

#include <string>

#include "app/session.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace aforro::app {

// "there is no command serv; did you mean serve?", of those that the command has.
std::string no_command(const CLI::App& command, const std::string& given);

// What the parser refused, with the option or the command that was meant, on one line.
std::string usage_fault(const CLI::App& command, const CLI::ParseError& error, const Session& session);

}  // namespace aforro::app

// Every command of the program: one function each, in the file of its name, that adds it to the command line.
#pragma once

#include <CLI/App.hpp>

#include "app/session.h"

namespace aforro::app {

void add_serve(CLI::App& program, Session& session);
void add_migrate(CLI::App& program, Session& session);
void add_seed(CLI::App& program, Session& session);
void add_createsuperuser(CLI::App& program, Session& session);
void add_search(CLI::App& program, Session& session);
void add_suggest(CLI::App& program, Session& session);
void add_order(CLI::App& program, Session& session);
void add_orders(CLI::App& program, Session& session);
void add_inventory(CLI::App& program, Session& session);
void add_import(CLI::App& program, Session& session);
void add_version(CLI::App& program, Session& session);

// Thrown by a command whose options are each right but make no sense together: ends as wrong usage.
CLI::ValidationError wrong_usage(const std::string& why);

}  // namespace aforro::app

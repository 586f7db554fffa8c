// Every command of the program: one function each, in the file of its name, that adds it to the command line.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "app/session.h"
#include "base/function_ref.h"

namespace aforro::app {

void add_serve(CLI::App& program, Session& session);
void add_work(CLI::App& program, Session& session);
void add_health(CLI::App& program, Session& session);
void add_migrate(CLI::App& program, Session& session);
void add_seed(CLI::App& program, Session& session);
void add_createsuperuser(CLI::App& program, Session& session);
void add_stores(CLI::App& program, Session& session);
void add_categories(CLI::App& program, Session& session);
void add_product(CLI::App& program, Session& session);
void add_search(CLI::App& program, Session& session);
void add_suggest(CLI::App& program, Session& session);
void add_synonyms(CLI::App& program, Session& session);
void add_order(CLI::App& program, Session& session);
void add_orders(CLI::App& program, Session& session);
void add_confirm(CLI::App& program, Session& session);
void add_cancel(CLI::App& program, Session& session);
void add_movements(CLI::App& program, Session& session);
void add_inventory(CLI::App& program, Session& session);
void add_receive(CLI::App& program, Session& session);
void add_count(CLI::App& program, Session& session);
void add_adjust(CLI::App& program, Session& session);
void add_transfer(CLI::App& program, Session& session);
void add_import(CLI::App& program, Session& session);
void add_jobs(CLI::App& program, Session& session);
void add_verify(CLI::App& program, Session& session);
void add_backup(CLI::App& program, Session& session);
void add_restore(CLI::App& program, Session& session);
void add_copy(CLI::App& program, Session& session);
void add_version(CLI::App& program, Session& session);

// Thrown by a command whose options make no sense, each or together: ends as wrong usage.
CLI::ValidationError wrong_usage(const std::string& why);

// Runs a check of what was asked for; a Problem that it throws is wrong usage.
void as_usage(const Session& session, FunctionRef<void()> check);

}  // namespace aforro::app

// What must hold of every shop's database at every moment, said in plain SQL, apart from the program's own
// `verify`. For databases that nobody writes to just now.
#pragma once

#include <string>

#include "sql/database.h"
#include "support/engine.h"

namespace aforro::test {

// Names what does not hold; empty if all does.
std::string broken_invariants(sql::Database& database, Engine engine);

// The same of a connection inside its transaction, without SQLite's own checks of its file.
std::string broken_invariants(sql::Connection& connection);

}  // namespace aforro::test

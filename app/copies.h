// What `backup` and `restore` have in common.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "app/session.h"
#include "verify/findings.h"

namespace aforro::app {

// The database that is meant: a file. Of PostgreSQL it throws Problem (conflict) that says which of its own
// tools to call instead, and how. Throws a usage error if the copy is to be, or is, no file but an address.
enum class Direction { backup, restore };
std::filesystem::path database_file(Session& session, Direction direction, const std::string& file);

// Throws Problem (conflict) if the files that SQLite keeps beside a database of that name are there: they
// would be taken for a part of the next file that gets the name.
void refuse_beside_log(const std::filesystem::path& file);

// Verifies a copy that no other process uses, as `aforro verify` does a database; of one with an older
// schema, its storage.
//
// Throws Problem (conflict) if it is not a shop's, newer than the program, cut off, or damaged.
verify::Findings check_copy(const std::filesystem::path& copy);

// One file under two names, also by links.
bool is_same_file(const std::filesystem::path& one, const std::filesystem::path& other);

// For JSON, which can't hold every name of a file.
std::string shown_path(const std::filesystem::path& file);

}  // namespace aforro::app

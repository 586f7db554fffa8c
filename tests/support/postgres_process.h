// Servers that refuse to be run by root (PostgreSQL, PgBouncer), run as another user where the tests are
// root's.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/program.h"

namespace aforro::test {

// Works in the folder and writes to a file "log" there. Gone with the thread that started it, at the latest.
std::unique_ptr<Process> launch_as_postgres(std::vector<std::string> command,
                                            const std::filesystem::path& folder);

// The file, or the folder with all that is in it, becomes that user's.
void give_to_postgres(const std::filesystem::path& path);

}  // namespace aforro::test

// Files as commands take them: read whole, bounded.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace aforro::app {

// The bytes of a file; "-" is standard input. Throws Problem: not_found if it is not there, invalid if it is
// a folder, has more than `max_bytes` or can't be read.
std::string read_file(const std::filesystem::path& file, std::size_t max_bytes);

}  // namespace aforro::app

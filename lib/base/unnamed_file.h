// A file without a name, which is gone when its last descriptor is closed, whatever happens to the process.
#pragma once

#include <filesystem>

#include "base/descriptor.h"

namespace aforro {

// For reading and writing, by this user alone, on the disk of that folder. Throws std::system_error.
Descriptor open_unnamed_file(const std::filesystem::path& folder);

// Whether what is written there stays in memory (tmpfs): it takes from the machine what a file is to spare.
// Throws std::system_error if the folder can't be asked. POSIX (-DAFORRO_EPOLL=OFF): false, nobody can tell.
bool is_in_memory(const std::filesystem::path& folder);

}  // namespace aforro

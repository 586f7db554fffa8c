// A file with a name that loses it at once. Between the two calls kill -9 leaves an empty file behind.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/unnamed_file.h"

namespace aforro {

Descriptor open_unnamed_file(const std::filesystem::path& folder) {
  std::string path = (folder / ".aforro-XXXXXX").string();
  Descriptor file(::mkstemp(path.data()));
  if (file.get() < 0) throw std::system_error(errno, std::generic_category(), "mkstemp");
  ::fcntl(file.get(), F_SETFD, FD_CLOEXEC);
  if (::unlink(path.c_str()) != 0) throw std::system_error(errno, std::generic_category(), "unlink");
  return file;
}

// Nobody can tell by POSIX alone.
bool is_in_memory(const std::filesystem::path& /*folder*/) { return false; }

}  // namespace aforro

// Where the file system has no files without a name (NFS, some overlays), one with a name loses it at once.
// Between the two calls kill -9 leaves an empty file behind.
#include "base/unnamed_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace aforro {
namespace {

[[noreturn]] void fail(int error, const char* call) {
  throw std::system_error(error, std::generic_category(), call);
}

Descriptor open_and_unlink(const std::filesystem::path& folder) {
  std::string path = (folder / ".aforro-XXXXXX").string();
  Descriptor file(::mkostemp(path.data(), O_CLOEXEC));
  if (file.get() < 0) fail(errno, "mkostemp");
  if (::unlink(path.c_str()) != 0) fail(errno, "unlink");
  return file;
}

}  // namespace

Descriptor open_unnamed_file(const std::filesystem::path& folder) {
  // O_EXCL: nobody can give it a name later.
  Descriptor file(::open(folder.c_str(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
  if (file.get() >= 0) return file;
  if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) return open_and_unlink(folder);
  fail(errno, "open");
}

bool is_in_memory(const std::filesystem::path& folder) {
  struct statfs found {};
  if (::statfs(folder.c_str(), &found) != 0) fail(errno, "statfs");
  const auto type = static_cast<unsigned long>(found.f_type);
  return type == TMPFS_MAGIC || type == RAMFS_MAGIC;
}

}  // namespace aforro

#include "http/open_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace aforro::http {
namespace {

[[noreturn]] void fail(int error, const char* call) {
  throw std::system_error(error, std::generic_category(), call);
}

Descriptor opened(const std::filesystem::path& path) {
  // Not to hang on a pipe that nobody writes to.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) fail(errno, "open");
  return file;
}

std::uint64_t size_of(const Descriptor& file) {
  struct stat found {};
  if (::fstat(file.get(), &found) != 0) fail(errno, "fstat");
  if (!S_ISREG(found.st_mode)) fail(EINVAL, "no regular file");
  return static_cast<std::uint64_t>(found.st_size);
}

}  // namespace

OpenFile::OpenFile(const std::filesystem::path& path) : file_(opened(path)), size_(size_of(file_)) {}

std::string read_at(int file, std::uint64_t position, std::uint64_t count) {
  std::string bytes(static_cast<std::size_t>(count), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got =
        ::pread(file, bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(position + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(errno, "pread");
    if (got == 0) throw std::runtime_error("the file has become shorter");
    filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::string OpenFile::read(std::uint64_t position, std::size_t max_bytes) const {
  return read_at(file_.get(), position,
                 std::min<std::uint64_t>(size_ - std::min(size_, position), max_bytes));
}

}  // namespace aforro::http

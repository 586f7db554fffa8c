#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <string>

#include "base/system.h"

namespace aforro {
namespace {

constexpr const char* kExchangedSuffix = ".aforro-exchanged";

// link(2), which takes no name that is there. EPERM is a file system without hard links.
int link_to_new(const char* from, const char* to) noexcept {
  const int outcome = ::link(from, to);
  if (outcome != 0 && errno == EPERM) errno = EINVAL;
  return outcome;
}

}  // namespace

int rename_to_new(const char* from, const char* to) noexcept {
  return link_to_new(from, to) == 0 ? ::unlink(from) : -1;
}

int exchange(const char* here, const char* there) noexcept {
  try {
    const std::string third = std::string(there) + kExchangedSuffix;
    if (link_to_new(there, third.c_str()) != 0) return -1;
    if (::rename(here, there) == 0) return ::rename(third.c_str(), here);
    const int error = errno;
    ::unlink(third.c_str());
    errno = error;
  } catch (const std::exception&) {
    errno = ENOMEM;
  }
  return -1;
}

int set_aside(int descriptor, std::uint64_t offset, std::uint64_t size) noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      offset + size > limit.rlim_cur) {
    errno = EFBIG;
    return -1;
  }
  struct statvfs status {};
  if (::fstatvfs(descriptor, &status) != 0) return -1;
  const std::uint64_t blocks = ::geteuid() == 0 ? status.f_bfree : status.f_bavail;
  if (size / status.f_frsize < blocks) return 0;
  errno = ENOSPC;
  return -1;
}

std::string file_mark(const char* path) {
  struct stat status {};
  if (::stat(path, &status) != 0) return {};
  return std::to_string(status.st_dev) + '.' + std::to_string(status.st_ino);
}

std::string name_of_host() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

bool is_mount_point(int /*descriptor*/) noexcept { return false; }

int open_probe() noexcept { return ::open("/", O_RDONLY | O_CLOEXEC); }

int exchange_peer_timeout(int /*socket*/, int /*milliseconds*/) noexcept { return 0; }

void return_large_memory() noexcept {}

}  // namespace aforro

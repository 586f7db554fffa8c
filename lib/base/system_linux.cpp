#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "base/system.h"

namespace aforro {
namespace {

constexpr int kLargeBytes = 256 * 1024;

int rename_with(const char* from, const char* to, unsigned flags) noexcept {
  const int outcome = ::renameat2(AT_FDCWD, from, AT_FDCWD, to, flags);
  if (outcome != 0 && errno == ENOSYS) errno = EINVAL;
  return outcome;
}

}  // namespace

int rename_to_new(const char* from, const char* to) noexcept {
  return rename_with(from, to, RENAME_NOREPLACE);
}

int exchange(const char* here, const char* there) noexcept {
  return rename_with(here, there, RENAME_EXCHANGE);
}

int set_aside(int descriptor, std::uint64_t offset, std::uint64_t size) noexcept {
  return ::fallocate(descriptor, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset), static_cast<off_t>(size));
}

std::string file_mark(const char* path) {
  struct statx status {};
  if (::statx(AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, &status) != 0) return {};
  std::string mark;
  for (const std::uint64_t part :
       {std::uint64_t{status.stx_dev_major}, std::uint64_t{status.stx_dev_minor},
        std::uint64_t{status.stx_ino}, static_cast<std::uint64_t>(status.stx_btime.tv_sec),
        std::uint64_t{status.stx_btime.tv_nsec}}) {
    mark += (mark.empty() ? "" : ".") + std::to_string(part);
  }
  return mark;
}

std::string name_of_host() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// Where the kernel can't tell (before Linux 5.8), nothing is mounted.
bool is_mount_point(int descriptor) noexcept {
  struct statx status {};
  if (::statx(descriptor, "", AT_EMPTY_PATH, STATX_INO, &status) != 0) return false;
  return (status.stx_attributes & status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
}

int open_probe() noexcept { return ::open("/", O_PATH | O_CLOEXEC); }

int exchange_peer_timeout(int socket, int milliseconds) noexcept {
  unsigned before = 0;
  socklen_t bytes = sizeof(before);
  if (::getsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &before, &bytes) != 0) return 0;
  const auto wanted = static_cast<unsigned>(milliseconds);
  static_cast<void>(::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &wanted, sizeof(wanted)));
  return static_cast<int>(before);
}

void return_large_memory() noexcept { ::mallopt(M_MMAP_THRESHOLD, kLargeBytes); }

}  // namespace aforro

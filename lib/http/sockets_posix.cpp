#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "http/sockets.h"

namespace aforro::http {
namespace {

constexpr mode_t kAllPermissions = 0777;

// The socket, or -1 if it was none.
int prepared(int socket) noexcept {
  if (socket < 0) return -1;
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
  return socket;
}

}  // namespace

int open_stream_socket(int family) noexcept { return prepared(::socket(family, SOCK_STREAM, 0)); }

int accept_client(int listening) noexcept { return prepared(::accept(listening, nullptr, nullptr)); }

int bind_to_file(int socket, const sockaddr_un& address, unsigned mode) noexcept {
  const mode_t before = ::umask(kAllPermissions);
  ::umask(before | (kAllPermissions & ~static_cast<mode_t>(mode)));
  const int outcome = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  ::umask(before);
  errno = error;
  return outcome;
}

void bound_unsent(int socket, int bytes) noexcept {
  ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

std::uint64_t unacknowledged_bytes(int /*socket*/) noexcept { return 0; }

bool has_peer_left(int socket) noexcept {
  char next = 0;
  const ssize_t got = ::recv(socket, &next, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

}  // namespace aforro::http

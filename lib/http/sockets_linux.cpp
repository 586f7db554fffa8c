#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "http/sockets.h"

namespace aforro::http {

int open_stream_socket(int family) noexcept {
  return ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int accept_client(int listening) noexcept {
  return ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

// The file gets the mode of the socket.
int bind_to_file(int socket, const sockaddr_un& address, unsigned mode) noexcept {
  if (::fchmod(socket, mode) != 0) return -1;
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

void bound_unsent(int socket, int bytes) noexcept {
  ::setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

std::uint64_t unacknowledged_bytes(int socket) noexcept {
  int held = 0;
  return ::ioctl(socket, SIOCOUTQ, &held) != 0 || held < 0 ? 0 : static_cast<std::uint64_t>(held);
}

bool has_peer_left(int socket) noexcept {
  pollfd end{.fd = socket, .events = POLLRDHUP, .revents = 0};  // also behind bytes that nobody has read
  return ::poll(&end, 1, 0) > 0;
}

}  // namespace aforro::http

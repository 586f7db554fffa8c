#include "http/client_socket.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "http/client_address.h"

namespace aforro::http {

ClientSocket::~ClientSocket() { ::close(descriptor_); }

std::string ClientSocket::peer() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  if (address.ss_family == AF_UNIX) return std::string(kUnixPeer);
  const void* bytes = nullptr;
  if (address.ss_family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr;
  if (address.ss_family == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (bytes == nullptr) return {};
  return ::inet_ntop(address.ss_family, bytes, text.data(), text.size()) == nullptr ? "" : text.data();
}

ClientSocket::Received ClientSocket::receive(std::span<char> buffer, std::string_view& bytes) const {
  for (;;) {
    const ssize_t got = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) {
      bytes = {buffer.data(), static_cast<std::size_t>(got)};
      return Received::bytes;
    }
    if (got < 0 && errno == EINTR) continue;
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? Received::nothing_yet : Received::end;
  }
}

bool ClientSocket::has_left() const {
  pollfd end{.fd = descriptor_, .events = POLLRDHUP, .revents = 0};  // also behind bytes that nobody has read
  return ::poll(&end, 1, 0) > 0;
}

std::uint64_t ClientSocket::unacknowledged() const {
  int held = 0;
  return ::ioctl(descriptor_, SIOCOUTQ, &held) != 0 || held < 0 ? 0 : static_cast<std::uint64_t>(held);
}

void ClientSocket::reset_when_closed() const {
  const ::linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace aforro::http

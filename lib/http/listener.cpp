// accept(2) fails in three ways, and each asks for something else. A fault of one client's network: that
// client is gone, and the next may wait. No descriptor or memory for another socket: the client stays in the
// backlog until there is. A broken listening socket: no client will ever come again. Taking the first two for
// the third would let a moment's shortage end the server.
//
// The options of TCP are set once, on the listening socket, and inherited by each connection, which saves two
// system calls for each client. Where another program opened that socket, clients may have connected before
// the options could be set, so there they are set on each connection. What bounds a Unix socket is never
// inherited.
#include "http/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "base/problem.h"
#include "base/shortage.h"
#include "http/sockets.h"

namespace aforro::http {
namespace {

constexpr int kBacklog = 1024;
// The kernel takes no more of an answer than this beyond what the client lets it send, or twice as much on a
// Unix socket, where the client has no room of its own. By itself it would take up to 4 MB
// (net.ipv4.tcp_wmem) for each client that reads none of it, and no count of ours would know of that.
constexpr int kUnsentBytes = 64 * 1024;
[[noreturn]] void refuse(const std::string& where, const std::string& why) {
  throw Problem(Problem::Kind::conflict, "can't listen on " + where + ": " + why);
}

[[noreturn]] void refuse(const std::string& where, int error_number) {
  if (const std::string_view what = shortage_of(error_number); !what.empty()) throw Shortage(what);
  refuse(where, error_text(error_number));
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

void set_tcp_options(int socket) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  bound_unsent(socket, kUnsentBytes);
}

// None, with errno set, if that address can't be had.
Descriptor listen_on(const addrinfo& address) {
  Descriptor made(open_stream_socket(address.ai_family));
  if (made.get() < 0) return made;
  // Without SO_REUSEPORT: a second server on the same port must be refused.
  const int yes = 1;
  ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  set_tcp_options(made.get());  // which its connections inherit
  if (::bind(made.get(), address.ai_addr, address.ai_addrlen) == 0 && ::listen(made.get(), kBacklog) == 0)
    return made;
  return Descriptor(-1);
}

Descriptor open_socket(const TcpAddress& address) {
  const std::string where = address.host + ":" + std::to_string(address.port);
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int fault =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &wanted, &found);
  if (fault == EAI_MEMORY) throw Shortage(kOutOfMemory);
  if (fault == EAI_SYSTEM) refuse(where, error_text(errno));
  if (fault != 0) refuse(where, ::gai_strerror(fault));
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(found);
  int error = 0;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    Descriptor made = listen_on(*each);
    if (made.get() >= 0) return made;
    error = errno;
  }
  refuse(where, error);
}

Descriptor open_socket(const UnixAddress& address) {
  Descriptor made(open_stream_socket(AF_UNIX));
  if (made.get() < 0) refuse(to_string(address), errno);
  return made;
}

int option_of(int socket, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

Descriptor open_socket(const InheritedSocket& inherited) {
  const int socket = inherited.descriptor;
  const std::string where = to_string(inherited) + ", which was handed over";
  const int type = option_of(socket, SO_TYPE);
  if (type < 0) refuse(where, errno);
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  const int family =
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) == 0 ? bound.ss_family : AF_UNSPEC;
  if (type != SOCK_STREAM || (family != AF_INET && family != AF_INET6 && family != AF_UNIX))
    refuse(where, "it is no stream socket of TCP or Unix");
  if (option_of(socket, SO_ACCEPTCONN) != 1)
    refuse(where, "it does not listen; a .socket unit must not say Accept=yes");
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
  return Descriptor(socket);
}

// What the socket is bound to.
ListenAddress address_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return InheritedSocket{socket};
  if (address.ss_family == AF_UNIX) {
    // The name of a socket without a file begins with a NUL, for which others write "@".
    const auto& local = reinterpret_cast<const sockaddr_un&>(address);
    const std::size_t bytes = size - std::min<std::size_t>(size, offsetof(sockaddr_un, sun_path));
    if (bytes > 0 && local.sun_path[0] == '\0')
      return UnixAddress{.path = '@' + std::string(local.sun_path + 1, bytes - 1)};
    return UnixAddress{.path = std::string(local.sun_path, ::strnlen(local.sun_path, bytes))};
  }
  const bool is_ipv6 = address.ss_family == AF_INET6;
  const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address);
  const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
  std::array<char, INET6_ADDRSTRLEN> host{};
  const void* const bytes = is_ipv6 ? static_cast<const void*>(&ipv6.sin6_addr) : &ipv4.sin_addr;
  ::inet_ntop(address.ss_family, bytes, host.data(), host.size());
  return TcpAddress{.host = host.data(), .port = ntohs(is_ipv6 ? ipv6.sin6_port : ipv4.sin_port)};
}

}  // namespace

Listener::Listener(const ListenAddress& address)
    : socket_(std::visit([](const auto& kind) { return open_socket(kind); }, address)) {
  if (const auto* const path = std::get_if<UnixAddress>(&address)) {
    file_.emplace(socket_.get(), path->path, path->mode, kBacklog);
    address_ = UnixAddress{.path = file_->path(), .mode = path->mode};
    return;
  }
  address_ = address_of(socket_.get());
  is_inherited_ = std::holds_alternative<InheritedSocket>(address);
  // The name that was given says more than the address that was found for it.
  if (const auto* const given = std::get_if<TcpAddress>(&address)) {
    if (auto* const bound = std::get_if<TcpAddress>(&address_)) bound->host = given->host;
  }
}

void Listener::prepare(int connection) const {
  if (std::holds_alternative<UnixAddress>(address_)) {
    ::setsockopt(connection, SOL_SOCKET, SO_SNDBUF, &kUnsentBytes, sizeof kUnsentBytes);
  } else if (is_inherited_) {
    set_tcp_options(connection);
  }
}

Listener::Accepted Listener::accept() {
  for (;;) {
    const int socket = accept_client(socket_.get());
    if (socket >= 0) {
      prepare(socket);
      return {.socket = socket};
    }
    switch (errno) {
      case EAGAIN:
        return {.fault = Fault::none_waiting};
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        return {.fault = Fault::no_descriptor};
      case EBADF:
      case EINVAL:
      case ENOTSOCK:
      case EOPNOTSUPP:
      case EFAULT:
        return {.fault = Fault::broken};
      default:  // a fault of that one client's network, see accept(2): it is gone, others may wait
        continue;
    }
  }
}

}  // namespace aforro::http

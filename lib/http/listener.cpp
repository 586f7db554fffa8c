// accept(2) fails in three ways, and each asks for something else. A fault of one client's network: that
// client is gone, and the next may wait. No descriptor or memory for another socket: the client stays in the
// backlog until there is. A broken listening socket: no client will ever come again. Taking the first two for
// the third would let a moment's shortage end the server.
//
// Options are set once, on the listening socket, and inherited by each connection, which saves two system
// calls for each client.
#include "http/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/problem.h"
#include "base/shortage.h"

namespace aforro::http {
namespace {

constexpr int kBacklog = 1024;
// The kernel takes no more of an answer than this beyond what the client lets it send. By itself it would
// take up to 4 MB (net.ipv4.tcp_wmem) for each client that reads none of it, and no count of ours would know
// of that.
constexpr int kUnsentBytes = 64 * 1024;

[[noreturn]] void refuse(const std::string& host, int port, const std::string& why) {
  throw Problem(Problem::Kind::conflict, "can't listen on " + host + ":" + std::to_string(port) + ": " + why);
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

// -1, with errno set, if that address can't be had.
int listen_on(const addrinfo& address) {
  const int made = ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made < 0) return -1;
  // Without SO_REUSEPORT: a second server on the same port must be refused.
  const int yes = 1;
  ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);  // which its connections inherit
  ::setsockopt(made, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytes, sizeof kUnsentBytes);
  if (::bind(made, address.ai_addr, address.ai_addrlen) == 0 && ::listen(made, kBacklog) == 0) return made;
  const int error = errno;
  ::close(made);
  errno = error;
  return -1;
}

int port_of(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return address.ss_family == AF_INET6 ? ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port)
                                       : ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace

Listener::Listener(const std::string& host, int port) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int fault = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (fault == EAI_MEMORY) throw Shortage(kOutOfMemory);
  if (fault == EAI_SYSTEM) refuse(host, port, error_text(errno));
  if (fault != 0) refuse(host, port, ::gai_strerror(fault));
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(found);
  for (const addrinfo* address = found; address != nullptr && descriptor_ < 0; address = address->ai_next) {
    descriptor_ = listen_on(*address);
  }
  if (descriptor_ < 0) {
    if (const std::string_view what = shortage_of(errno); !what.empty()) throw Shortage(what);
    refuse(host, port, std::strerror(errno));
  }
  port_ = port_of(descriptor_);
}

Listener::~Listener() { ::close(descriptor_); }

Listener::Accepted Listener::accept() {
  for (;;) {
    const int socket = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket >= 0) return {.socket = socket};
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

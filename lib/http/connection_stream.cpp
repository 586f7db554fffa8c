#include "http/connection_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

namespace aforro::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kSendTimeout{30'000};
constexpr milliseconds kLingerTimeout{2'000};
constexpr std::size_t kLingerBytes = 16 * 1024 * 1024;

int poll_timeout(steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 3'600'000));
}

// True if the socket became ready for `events` in time.
bool wait_for(int socket, short events, steady_clock::time_point deadline) {
  pollfd ready{.fd = socket, .events = events, .revents = 0};
  for (;;) {
    const int count = ::poll(&ready, 1, poll_timeout(deadline));
    if (count > 0) return true;
    if (count == 0 || errno != EINTR) return false;
  }
}

}  // namespace

ConnectionStream::ConnectionStream(int socket, int stop) : socket_(socket), stop_(stop) {}

bool ConnectionStream::wait_for_request(milliseconds timeout) {
  if (in_begin_ < in_end_) return true;
  deadline_ = steady_clock::now() + timeout;
  std::array<pollfd, 2> ready{pollfd{.fd = socket_, .events = POLLIN, .revents = 0},
                              pollfd{.fd = stop_, .events = POLLIN, .revents = 0}};
  for (;;) {
    const int count = ::poll(ready.data(), ready.size(), poll_timeout(deadline_));
    if (count < 0 && errno == EINTR) continue;
    return count > 0 && ready[1].revents == 0 && !peek().empty();
  }
}

void ConnectionStream::begin_request(milliseconds timeout) {
  deadline_ = steady_clock::now() + timeout;
  timed_out_ = false;
}

std::string_view ConnectionStream::peek() {
  while (in_begin_ == in_end_) {
    // Bytes that trickle in don't put it off.
    timed_out_ = steady_clock::now() > deadline_;
    if (timed_out_) return {};
    const ssize_t got = ::recv(socket_, in_.data(), in_.size(), MSG_DONTWAIT);
    if (got > 0) {
      in_begin_ = 0;
      in_end_ = static_cast<std::size_t>(got);
    } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      wait_for(socket_, POLLIN, deadline_);
    } else if (got == 0 || errno != EINTR) {
      return {};
    }
  }
  return {in_.data() + in_begin_, in_end_ - in_begin_};
}

bool ConnectionStream::send(std::string_view head, std::string_view body) {
  const auto deadline = steady_clock::now() + kSendTimeout;
  while (!head.empty() || !body.empty()) {
    // sendmsg() only reads through these.
    std::array<iovec, 2> parts{iovec{const_cast<char*>(head.data()), head.size()},
                               iovec{const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if ((errno == EAGAIN || errno == EWOULDBLOCK) && wait_for(socket_, POLLOUT, deadline)) continue;
      return false;
    }
    const auto count = static_cast<std::size_t>(sent);
    const std::size_t of_head = std::min(count, head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(count - of_head);
  }
  return true;
}

void ConnectionStream::linger() {
  ::shutdown(socket_, SHUT_WR);
  const auto deadline = steady_clock::now() + kLingerTimeout;
  std::size_t drained = 0;
  while (drained < kLingerBytes && wait_for(socket_, POLLIN, deadline)) {
    const ssize_t got = ::recv(socket_, in_.data(), in_.size(), MSG_DONTWAIT);
    if (got <= 0) break;
    drained += static_cast<std::size_t>(got);
  }
}

std::string ConnectionStream::peer() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  const void* bytes = nullptr;
  if (address.ss_family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr;
  if (address.ss_family == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (bytes == nullptr) return {};
  return ::inet_ntop(address.ss_family, bytes, text.data(), text.size()) == nullptr ? "" : text.data();
}

}  // namespace aforro::http

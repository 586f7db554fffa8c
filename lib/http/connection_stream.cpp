#include "http/connection_stream.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

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

void read_address(int socket, int (*get)(int, sockaddr*, socklen_t*), std::string& ip, int& port) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (get(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return;
  if (address.ss_family == AF_INET) {
    const auto* const v4 = reinterpret_cast<const sockaddr_in*>(&address);
    ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
    port = ntohs(v4->sin_port);
  } else if (address.ss_family == AF_INET6) {
    const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(&address);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    port = ntohs(v6->sin6_port);
  }
  ip = text.data();
}

}  // namespace

ConnectionStream::ConnectionStream(int socket, int stop) : socket_(socket), stop_(stop) {}

bool ConnectionStream::wait_for_request(milliseconds timeout) {
  if (in_begin_ < in_end_) return true;
  const auto deadline = steady_clock::now() + timeout;
  std::array<pollfd, 2> ready{pollfd{.fd = socket_, .events = POLLIN, .revents = 0},
                              pollfd{.fd = stop_, .events = POLLIN, .revents = 0}};
  for (;;) {
    const int count = ::poll(ready.data(), ready.size(), poll_timeout(deadline));
    if (count < 0 && errno == EINTR) continue;
    return count > 0 && ready[1].revents == 0 && (ready[0].revents & POLLIN) != 0;
  }
}

void ConnectionStream::begin_request(milliseconds timeout, std::size_t max_head_bytes) {
  deadline_ = steady_clock::now() + timeout;
  max_head_bytes_ = max_head_bytes;
  head_.clear();
  in_head_ = true;
  head_is_too_large_ = timed_out_ = false;
}

bool ConnectionStream::fill() {
  if (!out_.empty() && !flush()) return false;  // "100 Continue", which the client waits for
  for (;;) {
    const ssize_t got = ::recv(socket_, in_.data(), in_.size(), MSG_DONTWAIT);
    if (got > 0) {
      in_begin_ = 0;
      in_end_ = static_cast<std::size_t>(got);
      return true;
    }
    if (got == 0) return false;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
    if (!wait_for(socket_, POLLIN, deadline_)) {
      timed_out_ = true;
      return false;
    }
  }
}

ssize_t ConnectionStream::read(char* to, std::size_t size) {
  if (in_begin_ == in_end_ && !fill()) return 0;
  const std::size_t count = std::min(size, in_end_ - in_begin_);
  if (in_head_) {
    if (head_.size() + count > max_head_bytes_) {
      head_is_too_large_ = true;
      return 0;
    }
    head_.append(in_.data() + in_begin_, count);
  } else if (steady_clock::now() > deadline_) {
    timed_out_ = true;  // a body that trickles in
    return 0;
  }
  std::memcpy(to, in_.data() + in_begin_, count);
  in_begin_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t ConnectionStream::write(const char* from, std::size_t size) {
  out_.append(from, size);
  return static_cast<ssize_t>(size);
}

bool ConnectionStream::flush(std::string_view body) {
  std::string_view head = out_;
  const auto deadline = steady_clock::now() + kSendTimeout;
  bool sent_all = true;
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
      sent_all = false;
      break;
    }
    const auto count = static_cast<std::size_t>(sent);
    const std::size_t of_head = std::min(count, head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(count - of_head);
  }
  out_.clear();
  return sent_all;
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

void ConnectionStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  read_address(socket_, &::getpeername, ip, port);
}

void ConnectionStream::get_local_ip_and_port(std::string& ip, int& port) const {
  read_address(socket_, &::getsockname, ip, port);
}

}  // namespace aforro::http

#include "support/load_connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace aforro::test {
namespace {

constexpr std::size_t kRoom = 64 * 1024;

// Where the value of a header begins in a head; npos if there is none. `name` is in lower case.
std::size_t find_value(std::string_view head, std::string_view name) {
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line)) {
    line += 2;
    const std::string_view rest = head.substr(line);
    const bool is_it = rest.size() > name.size() && rest[name.size()] == ':' &&
                       std::equal(name.begin(), name.end(), rest.begin(), [](char a, char b) {
                         return a == std::tolower(static_cast<unsigned char>(b));
                       });
    if (is_it) return std::min(head.find_first_not_of(' ', line + name.size() + 1), head.size());
  }
  return std::string_view::npos;
}

// False if the text does not begin with a number.
template <class Number>
bool read_number(std::string_view text, Number& value) {
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
}

}  // namespace

LoadConnection::LoadConnection(int port) : port_(port), in_(kRoom, '\0') { connect(); }

LoadConnection::~LoadConnection() { ::close(socket_); }

void LoadConnection::connect() {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) throw std::system_error(errno, std::generic_category(), "socket");
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(static_cast<std::uint16_t>(port_));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Waited for, which on this machine is over at once; only afterwards nothing waits.
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
    const int error = errno;
    ::close(socket_);
    socket_ = -1;
    throw std::system_error(error, std::generic_category(), "connect");
  }
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(socket_, F_SETFL, O_NONBLOCK);
  is_over_ = false;
}

void LoadConnection::reconnect() {
  ::close(socket_);
  connect();
}

std::string& LoadConnection::begin_request() {
  out_.clear();
  sent_ = 0;
  received_ = 0;
  head_size_ = 0;
  return out_;
}

LoadConnection::Progress LoadConnection::send() {
  while (sent_ < out_.size()) {
    const ssize_t sent = ::send(socket_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Progress::under_way : broken();
    sent_ += static_cast<std::size_t>(sent);
  }
  return Progress::under_way;
}

LoadConnection::Progress LoadConnection::advance() {
  if (send() == Progress::broken) return Progress::broken;
  for (;;) {
    if (received_ == in_.size()) in_.resize(in_.size() * 2);
    const ssize_t got = ::recv(socket_, in_.data() + received_, in_.size() - received_, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Progress::under_way;
    if (got <= 0) return broken();
    received_ += static_cast<std::size_t>(got);
    if (!read_head()) return broken();
    if (head_size_ == 0 || received_ < head_size_ + body_size_) continue;
    // More than was announced: the next answer would be read from the wrong place.
    if (received_ > head_size_ + body_size_) is_over_ = true;
    return Progress::answered;
  }
}

LoadConnection::Progress LoadConnection::broken() {
  is_over_ = true;
  return Progress::broken;
}

// False if what came is not the head of an answer that can be read here.
bool LoadConnection::read_head() {
  if (head_size_ > 0) return true;
  const std::string_view text(in_.data(), received_);
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return true;
  const std::string_view head = text.substr(0, end);
  if (!head.starts_with("HTTP/1.1 ") || !read_number(head.substr(9), status_)) return false;
  const std::size_t length = find_value(head, "content-length");
  if (length == std::string_view::npos || !read_number(head.substr(length), body_size_)) return false;
  const std::size_t connection = find_value(head, "connection");
  if (connection != std::string_view::npos && head.substr(connection).starts_with("close")) is_over_ = true;
  head_size_ = end + 4;
  return true;
}

Answer LoadConnection::answer() const {
  const std::string_view text(in_.data(), received_);
  return {status_, text.substr(0, head_size_), text.substr(head_size_, body_size_)};
}

}  // namespace aforro::test

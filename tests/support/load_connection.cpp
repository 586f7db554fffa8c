#include "support/load_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <span>
#include <system_error>

namespace aforro::test {
namespace {

using Outcome = ClientStream::Outcome;

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

void LoadConnection::connect() {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) throw std::system_error(errno, std::generic_category(), "socket");
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(static_cast<std::uint16_t>(port_));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Waited for, which on this machine is over at once; only afterwards nothing waits.
  if (::connect(made, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
    const int error = errno;
    ::close(made);
    throw std::system_error(error, std::generic_category(), "connect");
  }
  const int on = 1;
  ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  stream_ = ClientStream(made, port_);
  is_over_ = false;
}

void LoadConnection::reconnect() {
  stream_ = ClientStream();
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
    std::size_t sent = 0;
    const Outcome outcome = stream_.send(std::string_view(out_).substr(sent_), sent);
    if (outcome == Outcome::blocked) return Progress::under_way;
    if (outcome != Outcome::done) return broken();
    sent_ += sent;
  }
  return Progress::under_way;
}

LoadConnection::Progress LoadConnection::advance() {
  if (send() == Progress::broken) return Progress::broken;
  // The end of a handshake that was noticed in receiving would let what is to be sent wait for ever.
  if (stream_.is_shaking_hands()) return Progress::under_way;
  for (;;) {
    if (received_ == in_.size()) in_.resize(in_.size() * 2);
    std::size_t got = 0;
    const Outcome outcome = stream_.receive(std::span(in_).subspan(received_), got);
    if (outcome == Outcome::blocked) return Progress::under_way;
    if (outcome != Outcome::done) return broken();
    received_ += got;
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

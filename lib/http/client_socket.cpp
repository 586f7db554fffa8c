#include "http/client_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "http/client_address.h"
#include "http/sockets.h"

namespace aforro::http {

namespace {

// What a head and the body behind it are put together in, so that they are one record, and one packet.
constexpr std::size_t kRecordBytes = 16 * 1024;

// To a client that speaks HTTP where TLS is spoken.
constexpr std::string_view kPlainHttpAnswer =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nConnection: close\r\n"
    "Content-Length: 119\r\n\r\n"
    R"({"type":"/problems/invalid","title":"Invalid request","status":400,)"
    R"("detail":"This port speaks HTTPS: ask by https://."})";
static_assert(kPlainHttpAnswer.size() - kPlainHttpAnswer.find("\r\n\r\n") - 4 == 119);

bool is_for_later() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

ClientSocket::ClientSocket(Descriptor&& descriptor, std::unique_ptr<TlsSession> tls) noexcept
    : descriptor_(std::move(descriptor)), tls_(std::move(tls)) {}

ClientSocket::~ClientSocket() {
  if (tls_ && !is_broken_off_) tls_->say_end();
}

TlsSession::Result ClientSocket::shake_hands() {
  if (!tls_) return TlsSession::Result::done;
  const TlsSession::Result result = tls_->shake_hands();
  if (tls_->heard_http()) {
    [[maybe_unused]] const auto sent = ::send(descriptor_.get(), kPlainHttpAnswer.data(),
                                              kPlainHttpAnswer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  return result;
}

std::string ClientSocket::peer_of(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  if (address.ss_family == AF_UNIX) return std::string(kUnixPeer);
  const void* bytes = nullptr;
  if (address.ss_family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr;
  if (address.ss_family == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (bytes == nullptr) return {};
  return ::inet_ntop(address.ss_family, bytes, text.data(), text.size()) == nullptr ? "" : text.data();
}

ClientSocket::Received ClientSocket::receive(std::span<char> buffer, std::string_view& bytes) {
  if (tls_ && !has_ended_) {
    std::size_t got = 0;
    const TlsSession::Result result = tls_->read(buffer, got);
    bytes = {buffer.data(), got};
    awaits_write_ = result == TlsSession::Result::wants_write;
    if (got > 0) return Received::bytes;
    return result == TlsSession::Result::wants_read || awaits_write_ ? Received::nothing_yet : Received::end;
  }
  for (;;) {
    const ssize_t got = ::recv(descriptor_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) {
      bytes = {buffer.data(), static_cast<std::size_t>(got)};
      return Received::bytes;
    }
    if (got < 0 && errno == EINTR) continue;
    return got < 0 && is_for_later() ? Received::nothing_yet : Received::end;
  }
}

bool ClientSocket::may_have_more(std::size_t got, std::size_t room) const {
  return tls_ && !has_ended_ ? tls_->has_pending() : got == room;
}

ClientSocket::Sent ClientSocket::send(std::string_view first, std::string_view second, std::size_t& sent) {
  if (tls_) return send_encrypted(first, second, sent);
  // sendmsg() only reads through these.
  std::array<iovec, 2> parts{iovec{const_cast<char*>(first.data()), first.size()},
                             iovec{const_cast<char*>(second.data()), second.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = second.empty() ? 1 : 2;
  for (;;) {
    const ssize_t taken = ::sendmsg(descriptor_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    sent = taken < 0 ? 0 : static_cast<std::size_t>(taken);
    if (taken >= 0) return Sent::some;
    if (errno != EINTR) return is_for_later() ? Sent::blocked : Sent::gone;
  }
}

ClientSocket::Sent ClientSocket::send_encrypted(std::string_view first, std::string_view second,
                                                std::size_t& sent) {
  std::array<char, kRecordBytes> both;
  std::string_view bytes = first.empty() ? second : first;
  if (!first.empty() && !second.empty() && first.size() < both.size()) {
    char* const end = std::copy(first.begin(), first.end(), both.begin());
    const std::string_view begun = second.substr(0, both.size() - first.size());
    bytes = {both.data(), static_cast<std::size_t>(std::copy(begun.begin(), begun.end(), end) - both.data())};
  }
  switch (tls_->write(bytes, sent)) {
    case TlsSession::Result::done:
      return Sent::some;
    case TlsSession::Result::wants_read:
    case TlsSession::Result::wants_write:
      return Sent::blocked;
    default:
      return Sent::gone;
  }
}

void ClientSocket::end_sending() {
  if (tls_) tls_->say_end();
  has_ended_ = true;
  ::shutdown(descriptor_.get(), SHUT_WR);
}

bool ClientSocket::has_left() const { return has_peer_left(descriptor_.get()); }

std::uint64_t ClientSocket::unacknowledged() const { return unacknowledged_bytes(descriptor_.get()); }

void ClientSocket::reset_when_closed() {
  is_broken_off_ = true;
  const ::linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace aforro::http

// OpenSSL keeps the faults of a thread in a queue, and tells what a call came to by that queue: so each call
// begins with an empty one.
//
// Its own BIO of a socket writes by write(2), which raises SIGPIPE when the other side is gone. The one here
// does not, and never waits.
#include "base/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <new>
#include <utility>

namespace aforro {
namespace {

int socket_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

bool is_for_later() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int write_socket(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent =
      ::send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && is_for_later()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int read_socket(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto got = ::recv(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (got < 0 && is_for_later()) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

long control_socket(BIO* /*bio*/, int what, long /*number*/, void* /*pointer*/) {
  return what == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "client");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_write(made, write_socket);
    BIO_meth_set_read(made, read_socket);
    BIO_meth_set_ctrl(made, control_socket);
    return made;
  }();
  return method;
}

int clamped(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, 1U << 30U)); }

}  // namespace

void TlsSession::Free::operator()(ssl_st* session) const { SSL_free(session); }

TlsSession::TlsSession(ssl_st* session) : session_(session) {}

TlsSession::~TlsSession() = default;

std::unique_ptr<TlsSession> TlsSession::open(ssl_ctx_st* context, int socket, Role role) {
  std::unique_ptr<SSL, Free> made(SSL_new(context));
  BIO* const bio = made ? BIO_new(socket_method()) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(made.get(), bio, bio);
  role == Role::server ? SSL_set_accept_state(made.get()) : SSL_set_connect_state(made.get());
  std::unique_ptr<TlsSession> session(new TlsSession(made.get()));
  [[maybe_unused]] SSL* const taken_over = made.release();
  return session;
}

TlsSession::Result TlsSession::result_of(int returned) {
  switch (SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_NONE:
      return Result::done;
    case SSL_ERROR_WANT_READ:
      return Result::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return Result::wants_write;
    case SSL_ERROR_ZERO_RETURN:
      return Result::ended;
    case SSL_ERROR_SYSCALL:  // or the socket's end, behind which one's own may still be said
      return Result::ended;
    default:
      is_usable_ = false;
      fault_ = ERR_peek_last_error();
      if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return Result::ended;
      return Result::failed;
  }
}

TlsSession::Result TlsSession::shake_hands() {
  ERR_clear_error();
  const Result result = result_of(SSL_do_handshake(session_.get()));
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  heard_http_ =
      result == Result::failed && (reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST);
  return result;
}

TlsSession::Result TlsSession::read(std::span<char> buffer, std::size_t& got) {
  got = 0;
  if (!is_usable_) return Result::ended;
  ERR_clear_error();
  const int read = SSL_read(session_.get(), buffer.data(), clamped(buffer.size()));
  if (read > 0) got = static_cast<std::size_t>(read);
  return result_of(read);
}

TlsSession::Result TlsSession::write(std::string_view bytes, std::size_t& sent) {
  sent = 0;
  if (!is_usable_) return Result::ended;
  ERR_clear_error();
  const int written = SSL_write(session_.get(), bytes.data(), clamped(bytes.size()));
  if (written > 0) sent = static_cast<std::size_t>(written);
  return result_of(written);
}

bool TlsSession::has_pending() const { return SSL_has_pending(session_.get()) == 1; }

void TlsSession::say_end() noexcept {
  if (!std::exchange(is_usable_, false) || SSL_is_init_finished(session_.get()) == 0) return;
  ERR_clear_error();
  SSL_shutdown(session_.get());
}

std::string TlsSession::fault() const {
  if (const long verified = SSL_get_verify_result(session_.get()); verified != X509_V_OK)
    return X509_verify_cert_error_string(verified);
  const char* const reason = ERR_reason_error_string(fault_);
  return reason == nullptr ? "OpenSSL does not say why" : reason;
}

}  // namespace aforro

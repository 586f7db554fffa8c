// OpenSSL's own BIO of a socket writes by write(2), which raises SIGPIPE where the server has gone, and the
// programs that tests start would inherit that it is ignored. So here is one that does not, and that can be
// told to take little.
#include "support/client_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <stdexcept>
#include <utility>

namespace aforro::test {
namespace {

using std::chrono::steady_clock;
using Context = std::shared_ptr<SSL_CTX>;

// The ports that speak TLS, and one context for each certificate.
struct Encrypted {
  std::mutex mutex;
  std::map<int, Context> ports;
  std::map<std::string, Context> contexts;
};

Encrypted& encrypted() {
  static Encrypted all;
  return all;
}

Context trusting(const std::string& pem) {
  Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  if (!context || !certificate ||
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), certificate.get()) != 1)
    throw std::runtime_error("no certificate to trust");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(context.get()), "127.0.0.1");
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

// None if the port does not speak TLS.
Context context_of(int port) {
  Encrypted& all = encrypted();
  const std::lock_guard lock(all.mutex);
  const auto found = all.ports.find(port);
  return found == all.ports.end() ? nullptr : found->second;
}

bool is_for_later() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

template <class Wire>
int write_wire(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto* const wire = static_cast<Wire*>(BIO_get_data(bio));
  const auto sent = ::send(wire->socket, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && is_for_later()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

template <class Wire>
int read_wire(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  auto* const wire = static_cast<Wire*>(BIO_get_data(bio));
  const std::size_t room = std::min(static_cast<std::size_t>(size), wire->most_taken);
  const auto got = room == 0 ? -1 : ::recv(wire->socket, bytes, room, MSG_DONTWAIT);
  if (room == 0 || (got < 0 && is_for_later())) BIO_set_retry_read(bio);
  if (got > 0) wire->most_taken -= static_cast<std::size_t>(got);
  return static_cast<int>(got);
}

long control_wire(BIO* /*bio*/, int what, long /*number*/, void* /*pointer*/) {
  return what == BIO_CTRL_FLUSH ? 1 : 0;
}

template <class Wire>
const BIO_METHOD* wire_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
    BIO_meth_set_write(made, write_wire<Wire>);
    BIO_meth_set_read(made, read_wire<Wire>);
    BIO_meth_set_ctrl(made, control_wire);
    return made;
  }();
  return method;
}

int clamped(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, 1U << 30U)); }

}  // namespace

void speak_tls_at(int port, const std::string& certificate) {
  Encrypted& all = encrypted();
  const std::lock_guard lock(all.mutex);
  Context& context = all.contexts[certificate];
  if (!context) context = trusting(certificate);
  all.ports[port] = context;
}

void speak_plainly_at(int port) {
  Encrypted& all = encrypted();
  const std::lock_guard lock(all.mutex);
  all.ports.erase(port);
}

void ClientStream::FreeSession::operator()(ssl_st* session) const { SSL_free(session); }

ClientStream::ClientStream(int socket, int port) : socket_(socket) {
  const Context context = context_of(port);
  if (!context) return;
  wire_ = std::make_unique<Wire>(Wire{.socket = socket, .most_taken = SIZE_MAX});
  session_.reset(SSL_new(context.get()));
  BIO* const bio = BIO_new(wire_method<Wire>());
  if (!session_ || bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, wire_.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(session_.get(), bio, bio);
  SSL_set_connect_state(session_.get());
}

ClientStream::ClientStream(ClientStream&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      wire_(std::move(other.wire_)),
      session_(std::move(other.session_)),
      awaits_write_(other.awaits_write_),
      fault_(std::move(other.fault_)) {}

ClientStream& ClientStream::operator=(ClientStream&& other) noexcept {
  ClientStream old(std::move(*this));
  socket_ = std::exchange(other.socket_, -1);
  wire_ = std::move(other.wire_);
  session_ = std::move(other.session_);
  awaits_write_ = other.awaits_write_;
  fault_ = std::move(other.fault_);
  return *this;
}

ClientStream::~ClientStream() {
  if (socket_ >= 0) ::close(socket_);
}

ClientStream::Outcome ClientStream::broken(std::string why) {
  fault_ = std::move(why);
  return Outcome::broken;
}

ClientStream::Outcome ClientStream::outcome_of(int returned) {
  const int error = errno;
  if (returned > 0) return Outcome::done;
  const int what = SSL_get_error(session_.get(), returned);
  awaits_write_ = what == SSL_ERROR_WANT_WRITE;
  if (awaits_write_ || what == SSL_ERROR_WANT_READ) return Outcome::blocked;
  if (what == SSL_ERROR_ZERO_RETURN) return Outcome::ended;
  if (what == SSL_ERROR_SYSCALL) return broken(error == 0 ? "ended without a word" : std::strerror(error));
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  return broken(reason == nullptr ? "OpenSSL does not say why" : reason);
}

ClientStream::Outcome ClientStream::send(std::string_view bytes, std::size_t& sent) {
  sent = 0;
  if (session_) {
    ERR_clear_error();
    const int written = SSL_write(session_.get(), bytes.data(), clamped(bytes.size()));
    if (written > 0) sent = static_cast<std::size_t>(written);
    return outcome_of(written);
  }
  awaits_write_ = true;
  const ssize_t taken = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (taken < 0) return is_for_later() ? Outcome::blocked : broken(std::strerror(errno));
  sent = static_cast<std::size_t>(taken);
  return Outcome::done;
}

ClientStream::Outcome ClientStream::receive(std::span<char> buffer, std::size_t& got,
                                            std::size_t most_taken) {
  got = 0;
  if (session_) {
    wire_->most_taken = most_taken;
    ERR_clear_error();
    const int read = SSL_read(session_.get(), buffer.data(), clamped(buffer.size()));
    const Outcome outcome = outcome_of(read);
    wire_->most_taken = SIZE_MAX;
    if (read > 0) got = static_cast<std::size_t>(read);
    return outcome;
  }
  awaits_write_ = false;
  const ssize_t read = ::recv(socket_, buffer.data(), std::min(buffer.size(), most_taken), MSG_DONTWAIT);
  if (read < 0) return is_for_later() ? Outcome::blocked : broken(std::strerror(errno));
  got = static_cast<std::size_t>(read);
  return read == 0 ? Outcome::ended : Outcome::done;
}

void ClientStream::shake_hands(steady_clock::time_point until) {
  if (!session_) return;
  for (;;) {
    ERR_clear_error();
    if (outcome_of(SSL_do_handshake(session_.get())) != Outcome::blocked || !wait(until)) return;
  }
}

std::string ClientStream::cipher() const { return session_ ? SSL_get_cipher_name(session_.get()) : ""; }

bool ClientStream::is_shaking_hands() const { return session_ && SSL_is_init_finished(session_.get()) == 0; }

bool ClientStream::wait(steady_clock::time_point until) const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
  pollfd ready{.fd = socket_, .events = static_cast<short>(awaits_write_ ? POLLOUT : POLLIN), .revents = 0};
  return ::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) > 0;
}

void ClientStream::end_sending() {
  ERR_clear_error();
  if (session_ && !is_shaking_hands()) SSL_shutdown(session_.get());
  ::shutdown(socket_, SHUT_WR);
}

bool ClientStream::was_closed() {
  char byte = 0;
  if (session_) {
    ERR_clear_error();
    const Outcome outcome = outcome_of(SSL_peek(session_.get(), &byte, 1));
    return outcome == Outcome::ended || outcome == Outcome::broken;
  }
  const ssize_t got = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && !is_for_later());
}

}  // namespace aforro::test

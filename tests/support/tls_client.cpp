#include "support/tls_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace aforro::test {
namespace {

void trust(SSL_CTX* context, const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

int connected(int port) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const int on = 1;  // else what follows new keys waits for an acknowledgement
  ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(made, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return made;
  ::close(made);
  throw TlsFault("no connection");
}

std::string reason() {
  const char* const text = ERR_reason_error_string(ERR_peek_last_error());
  return text == nullptr ? "no reason" : text;
}

}  // namespace

TlsClient::TlsClient(int port, const std::string& certificate, const TlsClientOptions& options)
    : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free), session_(nullptr, SSL_free) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes by write(2)
  trust(context_.get(), certificate);
  if (options.version != 0) {
    SSL_CTX_set_security_level(context_.get(), 0);  // else OpenSSL itself refuses the oldest
    SSL_CTX_set_min_proto_version(context_.get(), options.version);
    SSL_CTX_set_max_proto_version(context_.get(), options.version);
  }
  if (!options.ciphers.empty() && SSL_CTX_set_cipher_list(context_.get(), options.ciphers.c_str()) != 1)
    throw std::runtime_error("no ciphers: " + options.ciphers);
  if (!options.suites.empty() && SSL_CTX_set_ciphersuites(context_.get(), options.suites.c_str()) != 1)
    throw std::runtime_error("no suites: " + options.suites);
  session_.reset(SSL_new(context_.get()));
  if (!options.protocols.empty()) {
    SSL_set_alpn_protos(session_.get(), reinterpret_cast<const unsigned char*>(options.protocols.data()),
                        static_cast<unsigned>(options.protocols.size()));
  }
  if (options.session != nullptr) SSL_set_session(session_.get(), options.session);
  socket_ = connected(port);
  SSL_set_fd(session_.get(), socket_);
  ERR_clear_error();
  if (SSL_connect(session_.get()) == 1) return;
  const std::string why = reason();
  ::close(socket_);
  throw TlsFault(why);
}

TlsClient::~TlsClient() {
  session_.reset();
  ::close(socket_);
}

void TlsClient::send(std::string_view bytes) {
  ERR_clear_error();
  if (SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0) throw TlsFault(reason());
}

std::string TlsClient::receive() {
  std::array<char, 16 * 1024> buffer{};
  ERR_clear_error();
  const int got = SSL_read(session_.get(), buffer.data(), static_cast<int>(buffer.size()));
  if (got > 0) return {buffer.data(), static_cast<std::size_t>(got)};
  is_whole_ = SSL_get_error(session_.get(), got) == SSL_ERROR_ZERO_RETURN;
  return {};
}

std::string TlsClient::receive_all() {
  std::string all;
  for (std::string some = receive(); !some.empty(); some = receive()) all += some;
  return all;
}

std::string TlsClient::receive_until(std::string_view end) {
  std::string all;
  while (!all.ends_with(end)) {
    const std::string some = receive();
    if (some.empty()) throw TlsFault("ended behind: " + all);
    all += some;
  }
  return all;
}

std::string TlsClient::renegotiate() {
  ERR_clear_error();
  if (SSL_renegotiate(session_.get()) != 1)
    throw std::runtime_error("the client itself does not: " + reason());
  return SSL_do_handshake(session_.get()) == 1 ? "" : reason();
}

void TlsClient::update_keys() {
  ERR_clear_error();
  if (SSL_key_update(session_.get(), SSL_KEY_UPDATE_REQUESTED) != 1) throw TlsFault(reason());
}

std::string TlsClient::version() const { return SSL_get_version(session_.get()); }

std::string TlsClient::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string TlsClient::cipher() const { return SSL_get_cipher_name(session_.get()); }

bool TlsClient::is_resumed() const { return SSL_session_reused(session_.get()) == 1; }

std::shared_ptr<ssl_session_st> TlsClient::session() const {
  return {SSL_get1_session(session_.get()), SSL_SESSION_free};
}

std::string TlsClient::hello() {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> session(SSL_new(context.get()), SSL_free);
  SSL_set_bio(session.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_connect(session.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(SSL_get_wbio(session.get()), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace aforro::test

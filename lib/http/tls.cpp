// OpenSSL keeps the faults of a thread in a queue, and tells what a call came to by that queue: so each call
// begins with an empty one.
#include "http/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "base/problem.h"

namespace aforro::http {
namespace {

// Forward secrecy and authenticated encryption; TLS 1.3 has no others.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::array<unsigned char, 9> kProtocol{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
constexpr std::size_t kTicketKeyBytes = 80;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using OwnedBio = std::unique_ptr<BIO, FreeBio>;

OwnedBio reader_of(std::string_view text) {
  OwnedBio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) throw std::bad_alloc();
  return bio;
}

std::string last_fault() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason == nullptr ? "OpenSSL does not say why" : reason;
}

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw Problem(Problem::Kind::invalid, name + ": " + why);
}

// Else OpenSSL would ask for it on the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writes*/, void* was_wanted) {
  *static_cast<bool*>(was_wanted) = true;
  return -1;
}

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

void use_certificates(SSL_CTX* context, const TlsIdentity& identity) {
  const OwnedBio text = reader_of(identity.certificates);
  const Certificate first(PEM_read_bio_X509_AUX(text.get(), nullptr, nullptr, nullptr));
  if (!first) refuse(identity.certificates_name, "there is no certificate in it (PEM is read)");
  if (SSL_CTX_use_certificate(context, first.get()) != 1) refuse(identity.certificates_name, last_fault());
  for (;;) {
    Certificate issuer(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
    if (!issuer) break;
    if (SSL_CTX_add0_chain_cert(context, issuer.get()) != 1) refuse(identity.certificates_name, last_fault());
    [[maybe_unused]] X509* const taken_over = issuer.release();
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
    refuse(identity.certificates_name, "a certificate behind the first can't be read");
  ERR_clear_error();
}

void use_key(SSL_CTX* context, const TlsIdentity& identity) {
  bool wants_passphrase = false;
  const OwnedBio text = reader_of(identity.key);
  const std::unique_ptr<EVP_PKEY, FreeKey> key(
      PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, &wants_passphrase));
  if (wants_passphrase)
    refuse(identity.key_name, "the key needs a passphrase, which nobody is there to type; store it without");
  if (!key) refuse(identity.key_name, "there is no private key in it (PEM is read)");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    refuse(identity.key_name,
           "the key is not that of " + identity.certificates_name + " (" + last_fault() + ")");
}

int choose_protocol(SSL* /*session*/, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void* /*nothing*/) {
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, kProtocol.data(), kProtocol.size(), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

TlsContext::TlsContext(const TlsIdentity& identity) : context_(make(identity)) {}

TlsContext::~TlsContext() = default;

TlsContext::Owned TlsContext::make(const TlsIdentity& identity) {
  ERR_clear_error();
  Owned made(SSL_CTX_new(TLS_server_method()));
  if (!made) throw std::bad_alloc();
  SSL_CTX* const context = made.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Its buffers, 34 KB, are freed while nothing is in them: most connections are idle.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);                           // head and body of a record by one call
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets alone, which the clients keep
  SSL_CTX_set_cipher_list(context, kCiphers);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  use_certificates(context, identity);
  use_key(context, identity);
  return made;
}

void TlsContext::use(const TlsIdentity& identity) {
  Owned next = make(identity);
  std::array<unsigned char, kTicketKeyBytes> keys{};
  const Lock lock(mutex_);
  if (SSL_CTX_get_tlsext_ticket_keys(context_.get(), keys.data(), keys.size()) == 1)
    SSL_CTX_set_tlsext_ticket_keys(next.get(), keys.data(), keys.size());
  OPENSSL_cleanse(keys.data(), keys.size());
  context_ = std::move(next);
}

std::unique_ptr<TlsSession> TlsContext::open(int socket) const {
  const Lock lock(mutex_);
  return TlsSession::open(context_.get(), socket, TlsSession::Role::server);
}

std::int64_t TlsContext::seconds_left() const {
  const Lock lock(mutex_);
  int days = 0;
  int seconds = 0;
  const X509* const certificate = SSL_CTX_get0_certificate(context_.get());
  ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate));
  return std::int64_t{days} * 24 * 60 * 60 + seconds;
}

}  // namespace aforro::http

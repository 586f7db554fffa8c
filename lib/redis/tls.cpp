#include "redis/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <new>

#include "base/problem.h"

namespace aforro::redis {

void TlsAuthorities::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

TlsAuthorities::TlsAuthorities(const std::string& file) : context_(SSL_CTX_new(TLS_client_method())) {
  if (!context_) throw std::bad_alloc();
  SSL_CTX* const context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  ERR_clear_error();
  if (file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  if (SSL_CTX_load_verify_locations(context, file.c_str(), nullptr) == 1) return;
  ERR_clear_error();
  throw Problem(Problem::Kind::invalid, "the authorities for Redis, " + file +
                                            ": there is no certificate in it that can be read (PEM is)");
}

TlsAuthorities::~TlsAuthorities() = default;

std::unique_ptr<TlsSession> TlsAuthorities::open(int socket, const std::string& host) const {
  auto session = TlsSession::open(context_.get(), socket, TlsSession::Role::client);
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(session->get());
  if (X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1) return session;
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) != 1) throw std::bad_alloc();
  SSL_set_tlsext_host_name(session->get(), host.c_str());
  return session;
}

}  // namespace aforro::redis

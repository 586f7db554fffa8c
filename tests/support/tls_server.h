// A server within this process (local_server.h) that speaks TLS by a certificate of its own.
#pragma once

#include <functional>
#include <utility>

#include "http/tls.h"
#include "http/transport.h"
#include "support/certificate.h"
#include "support/local_server.h"
#include "support/tls_client.h"

namespace aforro::test {

inline http::TlsIdentity identity_of(const Certificate& certificate) {
  return {.certificates = certificate.pem,
          .key = certificate.key,
          .certificates_name = "cert.pem",
          .key_name = "key.pem"};
}

struct TlsServer {
  explicit TlsServer(const std::function<void(http::Router&)>& add_routes,
                     http::TransportOptions options = {}, Certificate own = make_certificate())
      : certificate(std::move(own)), server(add_routes, with_tls(std::move(options))) {}

  http::TransportOptions with_tls(http::TransportOptions options) const {
    options.tls = &tls;
    return options;
  }
  TlsClient client(const TlsClientOptions& options = {}) const {
    return TlsClient(server.port(), certificate.pem, options);
  }

  const Certificate certificate;
  http::TlsContext tls{identity_of(certificate)};
  LocalServer server;
};

}  // namespace aforro::test

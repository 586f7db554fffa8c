// Who a Redis must be that is spoken to by TLS: one whose certificate is of the name that it was asked for
// by, and signed by somebody whom this machine trusts. Safe from any thread.
#pragma once

#include <memory>
#include <string>

#include "base/tls_session.h"

namespace aforro::redis {

class TlsAuthorities {
 public:
  // Those of a file in PEM; empty: those of the system, which may be none. Throws Problem (invalid) if the
  // file has none.
  explicit TlsAuthorities(const std::string& file);
  TlsAuthorities(const TlsAuthorities&) = delete;
  TlsAuthorities& operator=(const TlsAuthorities&) = delete;
  ~TlsAuthorities();

  // Of a socket that is connected to the host of that name or address. Throws std::bad_alloc.
  std::unique_ptr<TlsSession> open(int socket, const std::string& host) const;

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  const std::unique_ptr<ssl_ctx_st, Free> context_;
};

}  // namespace aforro::redis

// TLS 1.2 and 1.3 by OpenSSL, the server's side, without certificates of clients. ALPN (RFC 7301) agrees on
// http/1.1, or on nothing with clients that do not ask.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "base/tls_session.h"

struct ssl_ctx_st;

namespace aforro::http {

// A certificate with those of its issuers behind it, and its private key, in PEM; and what to call them where
// they are refused.
struct TlsIdentity {
  std::string certificates;
  std::string key;
  std::string certificates_name;
  std::string key_name;
};

// What all sessions share. Safe from any thread.
class TlsContext {
 public:
  // Throws Problem (invalid) if there is no certificate, the key is not its key, needs a passphrase, or
  // OpenSSL takes one of them for too weak.
  explicit TlsContext(const TlsIdentity& identity);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  // For sessions from here on; the others keep what they began with, and their tickets stay good. Throws as
  // the constructor does, and then nothing has changed.
  void use(const TlsIdentity& identity);

  // Of a connected socket. Throws std::bad_alloc.
  std::unique_ptr<TlsSession> open(int socket) const;

  // Until the certificate expires; negative if it has.
  std::int64_t seconds_left() const;

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  using Owned = std::unique_ptr<ssl_ctx_st, Free>;
  static Owned make(const TlsIdentity& identity);

  mutable Mutex mutex_;
  Owned context_ GUARDED_BY(mutex_);
};

}  // namespace aforro::http

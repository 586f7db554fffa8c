// TLS 1.2 and 1.3 by OpenSSL, for connections that are never waited for: the server's side, without
// certificates of clients. ALPN (RFC 7301) agrees on http/1.1, or on nothing with clients that do not ask.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/mutex.h"

struct ssl_st;
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

// What is encrypted over one socket, which must outlive it. Used by one thread at a time. Nothing throws.
class TlsSession {
 public:
  // Takes over a reference.
  TlsSession(ssl_st* session, int socket);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession();

  enum class Result {
    done,
    wants_read,   // the socket has to become readable first,
    wants_write,  // or writable
    ended,        // by the other side, or without a word
    failed,       // this side has said why
  };
  Result shake_hands();
  // At most a record, 16 KiB.
  Result read(std::span<char> buffer, std::size_t& got);
  // What is left after wants_write must be given again, with more behind it or not.
  Result write(std::string_view bytes, std::size_t& sent);
  // Whether bytes that the socket has no more of wait to be read.
  bool has_pending() const;
  // Tells the other side that nothing follows, so that it knows the whole from a part (RFC 8446, 6.1).
  void say_end() noexcept;

 private:
  Result result_of(int returned);

  struct Free {
    void operator()(ssl_st* session) const;
  };
  const std::unique_ptr<ssl_st, Free> session_;
  const int socket_;
  bool is_usable_ = true;
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

// What is encrypted by TLS over one socket, by OpenSSL and without ever waiting: of a server or a client, as
// the context (SSL_CTX) says that it is made of.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace aforro {

// Used by one thread at a time. Nothing but open() throws.
class TlsSession {
 public:
  enum class Role { server, client };

  // Over a connected socket, which must outlive it. Throws std::bad_alloc.
  static std::unique_ptr<TlsSession> open(ssl_ctx_st* context, int socket, Role role);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession();

  ssl_st* get() const { return session_.get(); }

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
  // Of a handshake that failed: the other side speaks plain HTTP.
  bool heard_http() const { return heard_http_; }
  // Of a call that failed: why, in OpenSSL's words.
  std::string fault() const;
  // Tells the other side that nothing follows, so that it knows the whole from a part (RFC 8446, 6.1).
  void say_end() noexcept;

 private:
  explicit TlsSession(ssl_st* session);  // takes over a reference
  Result result_of(int returned);

  struct Free {
    void operator()(ssl_st* session) const;
  };
  const std::unique_ptr<ssl_st, Free> session_;
  bool is_usable_ = true;
  bool heard_http_ = false;
  unsigned long fault_ = 0;  // OpenSSL's number
};

}  // namespace aforro

// A client over TLS by OpenSSL, which trusts one certificate and shows how a connection ended. One thread at
// a time.
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace aforro::test {

class TlsFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct TlsClientOptions {
  int version = 0;                    // the only one that it speaks; 0: what OpenSSL prefers
  std::string protocols = {};         // of ALPN, as sent; none if empty
  std::string ciphers = {};           // of TLS 1.2 and before, as OpenSSL names them; its default if empty
  std::string suites = {};            // of TLS 1.3
  ssl_session_st* session = nullptr;  // to go on with
};

class TlsClient {
 public:
  // Connects to 127.0.0.1 and shakes hands. Throws TlsFault if that fails, or if the server has not this
  // certificate.
  TlsClient(int port, const std::string& certificate, const TlsClientOptions& options = {});
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient();

  void send(std::string_view bytes);
  // Some bytes; none at the end.
  std::string receive();
  // All up to the end.
  std::string receive_all();
  // All up to and with that text.
  std::string receive_until(std::string_view end);
  // Wants to shake hands again (TLS 1.2). What the server has against it; empty if it does.
  std::string renegotiate();
  // Has the server take new keys, and send by new ones (TLS 1.3), before what is sent next.
  void update_keys();
  // At the end: whether the server has said that it is one.
  bool is_whole() const { return is_whole_; }

  std::string version() const;   // "TLSv1.3"
  std::string protocol() const;  // that ALPN agreed on
  std::string cipher() const;    // that is spoken
  bool is_resumed() const;
  // Of this connection, once something was received.
  std::shared_ptr<ssl_session_st> session() const;

  // What such a client sends first, as bytes.
  static std::string hello();

 private:
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> session_;
  int socket_ = -1;
  bool is_whole_ = false;
};

}  // namespace aforro::test

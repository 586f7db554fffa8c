// Stands in front of a PostgreSQL server as one that speaks TLS, and sends what that says in records as large
// as there are (16 KiB), where PostgreSQL itself makes them half as large: once the server has been quiet for
// a moment. For one session at a time, on a port of 127.0.0.1 of its own.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "support/certificate.h"

namespace aforro::test {

class PostgresTlsRelay {
 public:
  // To the server with that Unix socket.
  PostgresTlsRelay(std::string server_socket, const Certificate& certificate);
  PostgresTlsRelay(const PostgresTlsRelay&) = delete;
  PostgresTlsRelay& operator=(const PostgresTlsRelay&) = delete;
  ~PostgresTlsRelay();

  int port() const { return port_; }

 private:
  void work();
  void serve(int client) const;
  void relay(SSL* client, int server) const;

  const std::string server_socket_;
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  int port_ = 0;
  int listener_ = -1;
  int stop_ = -1;  // readable once it is over
  std::thread thread_;
};

}  // namespace aforro::test

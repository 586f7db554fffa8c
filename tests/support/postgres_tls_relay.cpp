#include "support/postgres_tls_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace aforro::test {
namespace {

constexpr int kQuietMs = 20;
constexpr std::size_t kRequestBytes = 8;  // a client's wish for TLS, in front of it

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void require(bool succeeded) {
  if (!succeeded) throw std::runtime_error("the certificate can't be used");
}

void give(SSL_CTX* context, const Certificate& certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> pem(
      BIO_new_mem_buf(certificate.pem.data(), static_cast<int>(certificate.pem.size())), BIO_free_all);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> secret(
      BIO_new_mem_buf(certificate.key.data(), static_cast<int>(certificate.key.size())), BIO_free_all);
  const std::unique_ptr<X509, decltype(&X509_free)> own(
      PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr), X509_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(secret.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  require(own && key && SSL_CTX_use_certificate(context, own.get()) == 1 &&
          SSL_CTX_use_PrivateKey(context, key.get()) == 1);
}

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(descriptor_); }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

PostgresTlsRelay::PostgresTlsRelay(std::string server_socket, const Certificate& certificate)
    : server_socket_(std::move(server_socket)),
      context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  give(context_.get(), certificate);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    fail("listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { work(); });
}

PostgresTlsRelay::~PostgresTlsRelay() {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(stop_, &one, sizeof one));
  thread_.join();
  ::close(listener_);
  ::close(stop_);
}

void PostgresTlsRelay::work() {
  for (;;) {
    std::array<pollfd, 2> waits{pollfd{listener_, POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
    ::poll(waits.data(), waits.size(), -1);
    if (waits[1].revents != 0) return;
    const Socket client(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
    if (client.get() >= 0) serve(client.get());
  }
}

void PostgresTlsRelay::serve(int client) const {
  std::array<char, kRequestBytes> request{};
  if (::recv(client, request.data(), request.size(), MSG_WAITALL) != kRequestBytes) return;
  if (::send(client, "S", 1, MSG_NOSIGNAL) != 1) return;
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), SSL_free);
  SSL_set_fd(tls.get(), client);
  if (SSL_accept(tls.get()) != 1) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, server_socket_.c_str(), sizeof address.sun_path - 1);
  const Socket server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(server.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
  relay(tls.get(), server.get());
}

void PostgresTlsRelay::relay(SSL* client, int server) const {
  std::string held;
  std::array<char, 65536> piece{};
  for (;;) {
    std::array<pollfd, 3> waits{pollfd{SSL_get_fd(client), POLLIN, 0}, pollfd{server, POLLIN, 0},
                                pollfd{stop_, POLLIN, 0}};
    const int ready =
        SSL_pending(client) > 0 ? 1 : ::poll(waits.data(), waits.size(), held.empty() ? -1 : kQuietMs);
    if (waits[2].revents != 0) return;
    if (ready == 0) {
      if (SSL_write(client, held.data(), static_cast<int>(held.size())) <= 0) return;
      held.clear();
    }
    if (waits[1].revents != 0) {
      const ssize_t got = ::recv(server, piece.data(), piece.size(), 0);
      if (got <= 0) return;
      held.append(piece.data(), static_cast<std::size_t>(got));
    }
    if (SSL_pending(client) > 0 || waits[0].revents != 0) {
      const int got = SSL_read(client, piece.data(), piece.size());
      if (got <= 0 || ::send(server, piece.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got)
        return;
    }
  }
}

}  // namespace aforro::test

#include "support/tcp_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace aforro::test {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int make_socket() {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) throw std::system_error(errno, std::generic_category(), "socket");
  return made;
}

void send_at_once(int socket) {
  const int one = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

struct TcpRelay::Connection {
  Connection(int of_client, int of_server) : client(of_client), server(of_server) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    ::shutdown(client, SHUT_RDWR);
    ::shutdown(server, SHUT_RDWR);
    if (to_server.joinable()) to_server.join();
    if (to_client.joinable()) to_client.join();
    ::close(client);
    ::close(server);
  }

  const int client;
  const int server;
  std::thread to_server;
  std::thread to_client;
};

TcpRelay::TcpRelay(int server_port) : server_port_(server_port), listener_(make_socket()) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 256) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { accept(); });
}

TcpRelay::~TcpRelay() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_all();
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  connections_.clear();
  ::close(listener_);
}

void TcpRelay::set(bool to_server, bool to_client) {
  {
    const std::lock_guard lock(mutex_);
    held_to_server_ = to_server;
    held_to_client_ = to_client;
  }
  changed_.notify_all();
}

void TcpRelay::accept() {
  for (;;) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) {
      if (is_over_ || errno != EINTR) return;
      continue;
    }
    const int server = make_socket();
    const sockaddr_in address = loopback(server_port_);
    // A server that is away refuses, and so does the relay.
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(server);
      ::close(client);
      continue;
    }
    send_at_once(client);
    send_at_once(server);
    auto& connection = *connections_.emplace_back(std::make_unique<Connection>(client, server));
    connection.to_server = std::thread([this, client, server] { pump(client, server, held_to_server_); });
    connection.to_client = std::thread([this, client, server] { pump(server, client, held_to_client_); });
  }
}

bool TcpRelay::may_pass(const std::atomic<bool>& is_held) {
  std::unique_lock lock(mutex_);
  // A delay is a wait as well, and ends with the relay.
  changed_.wait_for(lock, delay_.load(), [this] { return is_over_.load(); });
  changed_.wait(lock, [&] { return !is_held || is_over_; });
  return !is_over_;
}

void TcpRelay::pump(int from, int to, const std::atomic<bool>& is_held) {
  std::array<char, 65536> piece{};
  for (;;) {
    const ssize_t got = ::recv(from, piece.data(), piece.size(), 0);
    if (!may_pass(is_held)) return;
    if (got <= 0) {
      ::shutdown(to, SHUT_WR);
      return;
    }
    if (!send_all(to, {piece.data(), static_cast<std::size_t>(got)})) {
      ::shutdown(from, SHUT_RD);
      return;
    }
  }
}

}  // namespace aforro::test

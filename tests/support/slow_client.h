// A client of HTTP that takes its time: it reads only when told to, so that its system soon has all that it
// has room for, which is little. It has asked once it was made.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace aforro::test {

class SlowClient {
 public:
  static constexpr int kRoom = 16 * 1024;  // doubled by the system

  SlowClient(int port, std::string_view request) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kRoom, sizeof kRoom);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(address);
    send(request);
  }
  // Of a Unix socket, where what is sent waits with the server's system.
  SlowClient(const std::filesystem::path& path, std::string_view request)
      : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    connect(address);
    send(request);
  }
  SlowClient(SlowClient&& other) noexcept : socket_(other.socket_), received_(other.received_) {
    other.socket_ = -1;
  }
  SlowClient& operator=(SlowClient&&) = delete;
  ~SlowClient() {
    if (socket_ >= 0) ::close(socket_);
  }

  // What there is room for; the rest is dropped.
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // Takes what is there, at most so many bytes, waiting for the first of them. False at the end of the
  // connection, whichever it is.
  bool read(std::size_t max_bytes, std::chrono::milliseconds patience = std::chrono::minutes(1)) {
    std::array<char, 65'536> buffer{};
    pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, static_cast<int>(patience.count())) <= 0) return false;
    const ssize_t got = ::recv(socket_, buffer.data(), std::min(max_bytes, buffer.size()), 0);
    if (got <= 0) return false;
    received_ += static_cast<std::size_t>(got);
    return true;
  }

  // All that still comes; how many bytes it was in all.
  std::size_t read_all() {
    while (read(65'536)) {
    }
    return received_;
  }

  // True once the server has closed it, however much is still to be read.
  bool was_closed() const {
    pollfd state{.fd = socket_, .events = POLLRDHUP, .revents = 0};
    return ::poll(&state, 1, 0) > 0;
  }

  std::size_t received() const { return received_; }

 private:
  template <class Address>
  void connect(const Address& address) const {
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::system_error(errno, std::generic_category(), "connect");
  }

  int socket_;
  std::size_t received_ = 0;
};

}  // namespace aforro::test

// A client of HTTP that takes its time: it reads only when told to, so that its system soon has all that it
// has room for, which is little. It has asked once it was made. It speaks TLS where the port does
// (client_stream.h), and then reads records as slowly.
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
#include <utility>

#include "support/client_stream.h"

namespace aforro::test {

class SlowClient {
 public:
  static constexpr int kRoom = 16 * 1024;  // doubled by the system

  SlowClient(int port, std::string_view request) {
    const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::setsockopt(made, SOL_SOCKET, SO_RCVBUF, &kRoom, sizeof kRoom);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    stream_ = connected(made, address, port);
    stream_.shake_hands(std::chrono::steady_clock::now() + std::chrono::minutes(1));
    send(request);
  }
  // Of a Unix socket, where what is sent waits with the server's system.
  SlowClient(const std::filesystem::path& path, std::string_view request) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    stream_ = connected(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), address, 0);
    send(request);
  }

  // What there is room for; the rest is dropped.
  void send(std::string_view bytes) {
    std::size_t sent = 0;
    while (!bytes.empty() && stream_.send(bytes, sent) == ClientStream::Outcome::done)
      bytes.remove_prefix(sent);
  }

  // Takes what is there, at most so many bytes, waiting for the first of them. False at the end of the
  // connection, whichever it is.
  bool read(std::size_t max_bytes, std::chrono::milliseconds patience = std::chrono::minutes(1)) {
    std::array<char, 65'536> buffer{};
    pollfd readable{.fd = stream_.descriptor(), .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, static_cast<int>(patience.count())) <= 0) return false;
    std::size_t got = 0;
    auto outcome = stream_.receive(buffer, got, max_bytes);
    const bool goes_on = outcome == ClientStream::Outcome::done || outcome == ClientStream::Outcome::blocked;
    // Behind the first there may be records that came whole with it.
    for (; outcome == ClientStream::Outcome::done; outcome = stream_.receive(buffer, got, 0))
      received_ += got;
    return goes_on;
  }

  // All that still comes; how many bytes it was in all.
  std::size_t read_all() {
    while (read(65'536)) {
    }
    return received_;
  }

  // True once the server has closed it, however much is still to be read.
  bool was_closed() const {
    pollfd state{.fd = stream_.descriptor(), .events = POLLRDHUP, .revents = 0};
    return ::poll(&state, 1, 0) > 0;
  }

  std::size_t received() const { return received_; }

 private:
  template <class Address>
  static ClientStream connected(int socket, const Address& address, int port) {
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::system_error(errno, std::generic_category(), "connect");
    return {socket, port};
  }

  ClientStream stream_;
  std::size_t received_ = 0;
};

}  // namespace aforro::test

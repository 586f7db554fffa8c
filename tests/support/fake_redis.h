// Something that listens where a Redis should, and sends what the test says to each command that comes.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/event.h"
#include "redis/address.h"

namespace aforro::test {

class FakeRedis {
 public:
  // `answer` is sent for each piece that arrives, whatever it says; then the connection is closed, or stays.
  enum class Then { stays, closes };
  explicit FakeRedis(std::string answer, Then then = Then::stays) : answer_(std::move(answer)), then_(then) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::system_error(errno, std::generic_category(), "a fake Redis can't listen");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  FakeRedis(const FakeRedis&) = delete;
  FakeRedis& operator=(const FakeRedis&) = delete;
  ~FakeRedis() {
    over_.set();
    thread_.join();
    ::close(listener_);
  }

  redis::Address address() const { return {.host = "127.0.0.1", .port = port_}; }
  int commands() const { return commands_; }  // pieces that arrived

 private:
  void serve() {
    std::vector<pollfd> watched{{.fd = over_.descriptor(), .events = POLLIN, .revents = 0},
                                {.fd = listener_, .events = POLLIN, .revents = 0}};
    for (;;) {
      ::poll(watched.data(), watched.size(), -1);
      if (watched[0].revents != 0) break;
      for (std::size_t i = watched.size() - 1; i > 1; --i) {
        if (watched[i].revents == 0 || take(watched[i].fd)) continue;
        ::close(watched[i].fd);
        watched.erase(watched.begin() + static_cast<std::ptrdiff_t>(i));
      }
      if (watched[1].revents != 0) {
        watched.push_back(
            {.fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), .events = POLLIN, .revents = 0});
      }
    }
    for (std::size_t i = 2; i < watched.size(); ++i) ::close(watched[i].fd);
  }

  // False at the end of the connection.
  bool take(int client) {
    std::array<char, 4'096> bytes{};
    if (::recv(client, bytes.data(), bytes.size(), 0) <= 0) return false;
    ++commands_;
    if (!answer_.empty() && ::send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL) < 0) return false;
    return then_ == Then::stays;
  }

  const std::string answer_;
  const Then then_;
  const Event over_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> commands_ = 0;
  std::thread thread_;
};

}  // namespace aforro::test

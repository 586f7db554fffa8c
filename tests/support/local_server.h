// A server within this process that answers by handlers of the test, on a port of its own, or on a Unix
// socket if it is to listen there, until it goes.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <variant>

#include "base/log.h"
#include "base/time.h"
#include "http/dispatcher.h"
#include "http/router.h"
#include "http/transport.h"
#include "support/http_client.h"
#include "support/routes.h"
#include "support/slow_client.h"

namespace aforro::test {

class LocalServer {
 public:
  explicit LocalServer(const std::function<void(http::Router&)>& add_routes,
                       http::TransportOptions options = {}) {
    add_routes(router_);
    if (auto* const tcp = std::get_if<http::TcpAddress>(&options.address)) tcp->port = 0;
    transport_ = http::make_transport(dispatcher_, options);
    thread_ = std::thread([this] { transport_->run(); });
  }
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;
  ~LocalServer() { stop(); }

  int port() const { return std::get<http::TcpAddress>(transport_->address()).port; }

  HttpClient client(std::chrono::milliseconds timeout = std::chrono::minutes(1)) const {
    const auto* const socket = std::get_if<http::UnixAddress>(&transport_->address());
    return socket != nullptr ? HttpClient(std::filesystem::path(socket->path), timeout)
                             : HttpClient(port(), "127.0.0.1", timeout);
  }
  SlowClient slow_client(std::string_view request) const {
    const auto* const socket = std::get_if<http::UnixAddress>(&transport_->address());
    return socket != nullptr ? SlowClient(std::filesystem::path(socket->path), request)
                             : SlowClient(port(), request);
  }

  // Returns when what was in flight has been answered.
  void stop() {
    transport_->stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  SystemClock clock_;
  Log log_{2, Log::Level::error, clock_};
  http::Router router_;
  http::Dispatcher dispatcher_{router_, log_, {}, kNoLimits};
  std::unique_ptr<http::Transport> transport_;
  std::thread thread_;
};

}  // namespace aforro::test

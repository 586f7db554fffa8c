// A server within this process that answers by handlers of the test, on a port of its own, until it goes.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "base/log.h"
#include "base/time.h"
#include "http/dispatcher.h"
#include "http/router.h"
#include "http/transport.h"
#include "support/routes.h"

namespace aforro::test {

class LocalServer {
 public:
  explicit LocalServer(const std::function<void(http::Router&)>& add_routes,
                       http::TransportOptions options = {}) {
    add_routes(router_);
    options.port = 0;
    transport_ = http::make_epoll_transport(dispatcher_, options);
    thread_ = std::thread([this] { transport_->run(); });
  }
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;
  ~LocalServer() { stop(); }

  int port() const { return transport_->port(); }

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

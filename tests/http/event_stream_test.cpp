// Answers that wait until something happens, over a real connection.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <filesystem>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "http/transport.h"
#include "support/http_client.h"
#include "support/local_server.h"
#include "support/many_descriptors.h"
#include "support/routes.h"
#include "support/slow_client.h"
#include "support/wait_until.h"

namespace {

using namespace std::chrono_literals;
using aforro::http::BodyStream;
using aforro::http::json_response;
using aforro::http::Request;
using aforro::http::Router;
using aforro::http::stream_response;
using aforro::http::TransportOptions;
using aforro::test::add_get;
using aforro::test::HttpClient;
using aforro::test::HttpResponse;
using aforro::test::LocalServer;
using aforro::test::SlowClient;
using aforro::test::wait_until;
using std::chrono::steady_clock;

constexpr const char* kListen = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";

// What is rung is heard by all that listen.
class Bell {
 public:
  class Listener final : public BodyStream {
   public:
    explicit Listener(Bell& bell) : bell_(bell) {
      const std::lock_guard lock(bell_.mutex_);
      bell_.listeners_.push_back(this);
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() override {
      const std::lock_guard lock(bell_.mutex_);
      std::erase(bell_.listeners_, this);
    }

    bool waits() const override { return true; }
    void wake_by(const std::function<void()>& wake) override {
      const std::lock_guard lock(bell_.mutex_);
      wake_ = wake;
    }
    Piece next() override {
      const std::lock_guard lock(bell_.mutex_);
      return {.bytes = std::exchange(heard_, {})};
    }

   private:
    friend class Bell;
    Bell& bell_;
    std::function<void()> wake_;
    std::string heard_;
  };

  void ring(const std::string& text) {
    const std::lock_guard lock(mutex_);
    for (Listener* listener : listeners_) {
      listener->heard_ += text;
      if (listener->wake_) listener->wake_();
    }
  }
  std::size_t listeners() const {
    const std::lock_guard lock(mutex_);
    return listeners_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Listener*> listeners_;
};

struct Served {
  Bell bell;
  LocalServer server;
  explicit Served(const TransportOptions& options = {})
      : server(
            [this](Router& router) {
              add_get(router, "/events", [this](const Request&) {
                return stream_response("text/event-stream", std::make_shared<Bell::Listener>(bell));
              });
              add_get(router, "/here", [](const Request&) { return json_response(200, "7"); });
            },
            options) {}
  bool has_listeners(std::size_t count) const {
    return wait_until([&] { return bell.listeners() == count; });
  }
};

// A client that listens, and the texts that it hears.
class Ear {
 public:
  explicit Ear(const Served& served) : client_(served.server.port(), "127.0.0.1", 20s) {
    client_.send(kListen);
    while (!client_.receive_line().empty()) {
    }
  }
  std::string hear() {
    const std::string size = client_.receive_line();
    if (size == "0") return "the end";
    std::string text = client_.receive_line();
    CHECK(std::stoul(size, nullptr, 16) == text.size());
    return text;
  }

 private:
  HttpClient client_;
};

std::size_t threads_of_this_process() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                                                std::filesystem::directory_iterator()));
}

TEST_CASE("who listens hears each thing when it happens, in order") {
  Served served;
  Ear one(served);
  Ear other(served);
  for (int i = 0; i < 100; ++i) {
    const std::string text = "event-" + std::to_string(i);
    served.bell.ring(text);
    CHECK(one.hear() == text);
    CHECK(other.hear() == text);
  }
}

TEST_CASE("what happens before the first look, or between two, is not lost") {
  Served served;
  for (int i = 0; i < 200; ++i) {
    std::atomic<bool> is_over = false;
    std::thread ringing([&] {
      while (!is_over) served.bell.ring("x");
    });
    Ear ear(served);
    CHECK(ear.hear().starts_with('x'));
    is_over = true;
    ringing.join();
    served.bell.ring("last");
    std::string heard;
    while (!heard.ends_with("last")) heard = ear.hear();
  }
}

TEST_CASE("a thousand that listen take no thread, and the others are answered") {
  constexpr std::size_t kListeners = 1'000;
  aforro::test::allow_many_descriptors();
  Served served({.max_connections = kListeners + 10});
  CHECK(HttpClient(served.server.port()).get("/here").status == 200);
  const std::size_t threads = threads_of_this_process();
  std::deque<Ear> ears;
  for (std::size_t i = 0; i < kListeners; ++i) ears.emplace_back(served);
  CHECK(threads_of_this_process() < threads + 20);
  served.bell.ring("all");
  for (Ear& ear : ears) CHECK(ear.hear() == "all");
  CHECK(HttpClient(served.server.port()).get("/here").status == 200);
  CHECK(served.bell.listeners() == kListeners);
}

TEST_CASE("a listener that leaves is noticed, whether anything happens or not") {
  Served served({.listener_check = 100ms});
  { const Ear leaving(served); }
  CHECK(served.has_listeners(0));
  {  // leaving behind what nobody has read
    const SlowClient leaving(served.server.port(), std::string(kListen) + "GET /here HTTP/1.1\r\n");
    CHECK(served.has_listeners(1));
  }
  CHECK(served.has_listeners(0));
  Served busy;
  { const Ear leaving(busy); }
  CHECK(wait_until([&] {
    busy.bell.ring("anybody?");
    return busy.bell.listeners() == 0;
  }));
}

TEST_CASE("a listener that never reads is cut off, and costs the others nothing") {
  Served served({.send_pace = {.stall_timeout = 200ms}});
  const SlowClient deaf(served.server.port(), kListen);
  Ear ear(served);
  CHECK(served.has_listeners(2));
  CHECK(wait_until([&] {
    served.bell.ring(std::string(10'000, 'x'));
    return ear.hear().size() % 10'000 == 0 && served.bell.listeners() == 1;
  }));
}

#if !defined(__SANITIZE_ADDRESS__)  // which looks at objects by a pipe, and without takes them for bad ones
TEST_CASE("who would listen where no descriptor is left is refused, and may when there is one") {
  Served served;
  HttpClient client(served.server.port());
  CHECK(client.get("/here").status == 200);
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlim_t before = limit.rlim_cur;
  const int lowest = ::dup(0);  // that is free: all below are taken
  ::close(lowest);
  limit.rlim_cur = static_cast<rlim_t>(lowest);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  client.send(kListen);
  const HttpResponse refused = client.receive();
  limit.rlim_cur = before;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(refused.status == 503);
  CHECK(refused.has("Retry-After"));
  CHECK(served.has_listeners(0));
  Ear ear(served);
  served.bell.ring("now");
  CHECK(ear.hear() == "now");
}
#endif

TEST_CASE("a server that stops ends what waits, and at once") {
  for (int i = 0; i < 20; ++i) {
    Served served;
    Ear ear(served);
    const auto begun = steady_clock::now();
    std::thread stopping([&] { served.server.stop(); });
    CHECK(ear.hear() == "the end");
    stopping.join();
    CHECK(steady_clock::now() - begun < 5s);
    CHECK(served.bell.listeners() == 0);
  }
}

TEST_CASE("what a listener sends meanwhile is read behind the stream, never while it lasts") {
  Served served({.listener_check = 50ms});
  HttpClient client(served.server.port());
  client.send(kListen);
  client.send("GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(served.has_listeners(1));
  served.bell.ring("once");
  while (client.receive_line() != "once") {
  }
  CHECK(served.bell.listeners() == 1);
}

}  // namespace

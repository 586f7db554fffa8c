// cpp-httplib as the transport: it listens, accepts and hands each connection to a thread of its own. Its
// server is subclassed at the one place that it offers (process_and_close_socket): reading requests and
// writing answers is ours, see connection.cpp. The library's own parser turns down what is right ("?" inside
// a query, a range it can't read), takes what is not (signs and "0x" in the size of a chunk), unpacks bodies,
// throws at forms of several parts, and counts the request line where the contract counts the target.
#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "http/connection.h"
#include "http/transport.h"

namespace aforro::http {
namespace {

constexpr int kBacklog = 1024;

thread_local bool is_overloaded = false;

// Threads that come with connections and stay for the next. Above the bound a connection is told at once.
class ConnectionThreads final : public httplib::TaskQueue {
 public:
  explicit ConnectionThreads(std::size_t max_threads) : max_threads_(max_threads) {}

  void enqueue(std::function<void()> connection) override {
    if (hand_over(connection)) return;
    is_overloaded = true;
    connection();
    is_overloaded = false;
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    comes_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  // False if there is no thread for it, and none can be had.
  bool hand_over(const std::function<void()>& connection) {
    const std::lock_guard lock(mutex_);
    if (idle_ > waiting_.size()) {
      waiting_.push_back(connection);
      comes_.notify_one();
      return true;
    }
    if (threads_.size() >= max_threads_) return false;
    try {
      threads_.emplace_back([this, connection] { work(connection); });
      return true;
    } catch (const std::system_error&) {  // of memory, or of what one user may have
      return false;
    }
  }

  void work(std::function<void()> connection) {
    while (connection) {
      connection();
      std::unique_lock lock(mutex_);
      ++idle_;
      comes_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
      --idle_;
      connection = nullptr;
      if (waiting_.empty()) return;
      connection = std::move(waiting_.front());
      waiting_.pop_front();
    }
  }

  const std::size_t max_threads_;
  std::mutex mutex_;
  std::condition_variable comes_;
  std::deque<std::function<void()>> waiting_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

class HttplibServer final : public httplib::Server {
 public:
  HttplibServer(const Dispatcher& dispatcher, const TransportOptions& options)
      : dispatcher_(dispatcher), options_(options), stop_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (stop_event_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    new_task_queue = [this] {
      return new ConnectionThreads(options_.max_connections);
    };  // NOLINT: the library owns it
    set_tcp_nodelay(true);
    // Without SO_REUSEPORT, which the library sets: a second server on the same port must be refused.
    set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
  }

  HttplibServer(const HttplibServer&) = delete;
  HttplibServer& operator=(const HttplibServer&) = delete;
  ~HttplibServer() override { ::close(stop_event_); }

  int bind() {
    const int port = options_.port == 0 ? bind_to_any_port(options_.host)
                                        : (bind_to_port(options_.host, options_.port) ? options_.port : -1);
    if (port < 0) {
      throw Problem(Problem::Kind::conflict, "can't listen on " + options_.host + ":" +
                                                 std::to_string(options_.port) + ": " + std::strerror(errno) +
                                                 "; choose another with --listen");
    }
    ::listen(svr_sock_, kBacklog);  // the library's own backlog is 5
    return port;
  }

  void run() {
    {
      const std::lock_guard lock(mutex_);
      if (is_stopping_) return;
      has_begun_ = true;
    }
    listen_after_bind();
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    if (!is_stopping_) throw std::runtime_error("no more connections can be accepted");
  }

  void drain() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
      if (!has_begun_) return;
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(stop_event_, &one, sizeof one);
    // The library passes over a stop() that comes between the call that listens and its loop.
    while (!is_running() && !has_ended()) std::this_thread::yield();
    stop();
    // Idle connections end by the event; what is in flight is given its time, then cut.
    std::unique_lock lock(mutex_);
    all_closed_.wait_for(lock, options_.drain_timeout, [&] { return open_.empty(); });
    for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
  }

 private:
  bool has_ended() {
    const std::lock_guard lock(mutex_);
    return has_ended_;
  }

  bool process_and_close_socket(socket_t socket) override {
    {
      const std::lock_guard lock(mutex_);
      open_.insert(socket);
    }
    serve(socket);
    {
      const std::lock_guard lock(mutex_);
      open_.erase(socket);
      ::close(socket);
    }
    all_closed_.notify_all();
    return true;
  }

  void serve(int socket) {
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    Connection connection(socket, stop_event_, dispatcher_, options_);
    if (is_overloaded) {
      connection.refuse(HttpError(503, "Too many connections.", {{"Retry-After", "1"}}));
    } else {
      connection.serve();
    }
  }

  const Dispatcher& dispatcher_;
  const TransportOptions options_;
  const int stop_event_;
  std::mutex mutex_;
  std::condition_variable all_closed_;
  std::set<int> open_;
  bool is_stopping_ = false;
  bool has_begun_ = false;
  bool has_ended_ = false;
};

class HttplibTransport final : public Transport {
 public:
  HttplibTransport(const Dispatcher& dispatcher, const TransportOptions& options)
      : server_(dispatcher, options), port_(server_.bind()) {}

  int port() const override { return port_; }
  void run() override { server_.run(); }
  void stop() override { server_.drain(); }

 private:
  HttplibServer server_;
  const int port_;
};

}  // namespace

std::unique_ptr<Transport> make_httplib_transport(const Dispatcher& dispatcher,
                                                  const TransportOptions& options) {
  return std::make_unique<HttplibTransport>(dispatcher, options);
}

}  // namespace aforro::http

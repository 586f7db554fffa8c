// cpp-httplib as the transport: it accepts, reads requests and writes the head of answers; a thread belongs
// to each connection. Its server is subclassed at the one place it offers (process_and_close_socket), so that
//   * the stream under a request is ours: buffered, bounded, with a deadline, and sent from in one call;
//   * its list of regular expressions is passed by: the handler that runs before routing answers what has no
//   body,
//     and every request with one is sent to a single catch-all path;
//   * a body is read only where one was announced, and a connection whose position is in doubt is closed.
#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cassert>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <deque>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

#include "http/connection_stream.h"
#include "http/request_head.h"
#include "http/transport.h"

namespace aforro::http {
namespace {

constexpr int kBacklog = 1024;
constexpr std::size_t kMaxHeadBytes = 64 * 1024;  // read before giving up; what may be answered is less

// What becomes of one request on its connection, from the library's callbacks back to the loop below.
struct Exchange {
  ConnectionStream& stream;
  Request request;
  Framing framing;
  std::optional<HttpError> refusal;  // found in the head
  std::optional<Response> response;
  bool must_close = false;
};

// The library's callbacks get its request alone; a connection has its thread to itself.
thread_local Exchange* current_exchange = nullptr;

thread_local bool is_overloaded = false;

std::string http_date() {
  thread_local std::time_t last = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != last) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 64> buffer{};
    const std::size_t size = std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    text.assign(buffer.data(), size);
    last = now;
  }
  return text;
}

// Threads that come with connections and stay for the next. Above the bound a connection is told at once.
class ConnectionThreads final : public httplib::TaskQueue {
 public:
  explicit ConnectionThreads(std::size_t max_threads) : max_threads_(max_threads) {}

  void enqueue(std::function<void()> connection) override {
    std::unique_lock lock(mutex_);
    if (idle_ > waiting_.size()) {
      waiting_.push_back(std::move(connection));
      lock.unlock();
      comes_.notify_one();
    } else if (threads_.size() < max_threads_) {
      threads_.emplace_back([this, first = std::move(connection)]() mutable { work(std::move(first)); });
    } else {
      lock.unlock();
      is_overloaded = true;
      connection();
      is_overloaded = false;
    }
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
    set_payload_max_length(kMaxBodyBytes);
    set_pre_routing_handler([this](const httplib::Request&, httplib::Response& response) {
      return answer_without_body(response) ? HandlerResponse::Handled : HandlerResponse::Unhandled;
    });
    const auto with_body = [this](const httplib::Request&, httplib::Response& response,
                                  const httplib::ContentReader& reader) {
      answer_with_body(response, reader);
    };
    Post("/", with_body).Put("/", with_body).Patch("/", with_body).Delete("/", with_body);
    set_error_handler(Handler([this](const httplib::Request& request, httplib::Response& response) {
      answer_refused(request, response);
    }));
    set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
      response.headers.erase("Keep-Alive");
      response.headers.erase("Accept-Ranges");
      if (response.status == 204 || response.status == 304) response.headers.erase("Content-Length");
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

  void drain() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(stop_event_, &one, sizeof one);
    stop();
    // Idle connections end by the event; what is in flight is given its time, then cut.
    std::unique_lock lock(mutex_);
    all_closed_.wait_for(lock, options_.drain_timeout, [&] { return open_.empty(); });
    for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
  }

 private:
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
    ConnectionStream stream(socket, stop_event_);
    if (is_overloaded) {
      answer_overloaded(stream);
      return;
    }
    while (stream.wait_for_request(options_.idle_timeout)) {
      if (!serve_request(stream)) return;
    }
  }

  // False if the connection is to be closed.
  bool serve_request(ConnectionStream& stream) {
    stream.begin_request(options_.request_timeout, kMaxHeadBytes);
    Exchange exchange{.stream = stream, .request = {}, .framing = {}, .refusal = {}, .response = {}};
    current_exchange = &exchange;
    bool closed = false;
    const bool went_well =
        process_request(stream, false, closed, [this](httplib::Request& request) { read_head(request); });
    current_exchange = nullptr;
    if (!exchange.response) {
      if (!stream.head_is_too_large()) return false;  // nothing came, or the client went away
      send_line_too_long(stream, exchange);
    }
    const bool has_body = exchange.response->body && exchange.request.method != "HEAD" &&
                          exchange.response->status != 304 && exchange.response->status != 204;
    const bool sent =
        stream.flush(has_body ? std::string_view(*exchange.response->body) : std::string_view());
    if (sent && exchange.must_close) stream.linger();
    return sent && went_well && !closed && !exchange.must_close;
  }

  // The library has read the head; what it made of it is replaced by our own reading.
  static void read_head(httplib::Request& request) {
    Exchange& exchange = *current_exchange;
    exchange.stream.end_head();
    Request& ours = exchange.request;
    ours.peer = request.remote_addr;
    request.path = "/";
    request.ranges.clear();
    try {
      const RequestHead head = parse_head(exchange.stream.head(), ours);
      exchange.framing = head.framing;
      exchange.must_close = head.wants_close;
      if (exchange.framing.content_bytes > kMaxBodyBytes)
        throw HttpError(413, "A request body has at most 1 MiB.");
    } catch (const HttpError& error) {
      exchange.refusal = error;
      exchange.must_close = true;
    }
  }

  bool answer_without_body(httplib::Response& response) const {
    Exchange& exchange = *current_exchange;
    if (exchange.refusal) {
      send(dispatcher_.refuse(exchange.request, *exchange.refusal), response);
      return true;
    }
    if (exchange.framing.has_body()) {
      const std::string& method = exchange.request.method;
      if (method == "POST" || method == "PUT" || method == "PATCH" || method == "DELETE") return false;
      exchange.must_close = true;  // the body is not read, so what follows it can't be either
    }
    send(dispatcher_.handle(exchange.request), response);
    return true;
  }

  void answer_with_body(httplib::Response& response, const httplib::ContentReader& reader) const {
    Exchange& exchange = *current_exchange;
    std::string& body = exchange.request.body;
    bool is_too_large = false;
    const bool complete = reader([&](const char* bytes, std::size_t count) {
      is_too_large = body.size() + count > kMaxBodyBytes;
      if (!is_too_large) body.append(bytes, count);
      return !is_too_large;
    });
    if (complete) {
      send(dispatcher_.handle(exchange.request), response);
      return;
    }
    exchange.must_close = true;
    const HttpError error =
        is_too_large ? HttpError(413, "A request body has at most 1 MiB.")
        : exchange.stream.timed_out()
            ? HttpError(408, "The body did not arrive in time.")
            : HttpError(400, "The body ended before it was complete, or is not encoded as announced.");
    send(dispatcher_.refuse(exchange.request, error), response);
  }

  // The library calls this for every status from 400 on: ours are answered already, what remains it refused
  // itself.
  void answer_refused(const httplib::Request& request, httplib::Response& response) const {
    Exchange& exchange = *current_exchange;
    if (exchange.response) return;
    exchange.must_close = true;
    exchange.request.method = request.method;
    exchange.request.peer = "";
    int port = 0;
    exchange.stream.get_remote_ip_and_port(exchange.request.peer, port);
    send(dispatcher_.refuse(exchange.request, refusal_for(request, response.status, exchange.stream)),
         response);
  }

  static HttpError refusal_for(const httplib::Request& request, int status, const ConnectionStream& stream) {
    if (status == 414) return {414, "The target of a request has at most 8 KiB."};
    if (stream.timed_out()) return {408, "The headers did not arrive in time."};
    if (stream.head_is_too_large() || stream.head().size() > kMaxHeaderBytes + kMaxTargetBytes) {
      return {431, "The headers have at most 8 KiB in sum."};
    }
    const bool is_request_line = !request.method.empty() && !request.version.empty();
    if (is_request_line && !is_known_method(request.method)) return {501, "The method is not known here."};
    if (is_request_line && !request.path.empty() && stream.head().size() > kMaxHeaderBytes) {
      return {431, "The headers have at most 8 KiB in sum."};
    }
    return {400, "This is no HTTP/1.1 request."};
  }

  // A request line without an end: the library gives up without an answer.
  void send_line_too_long(ConnectionStream& stream, Exchange& exchange) const {
    exchange.must_close = true;
    exchange.request.method = "GET";
    write_by_hand(stream, exchange, HttpError(414, "The target of a request has at most 8 KiB."));
  }

  void answer_overloaded(ConnectionStream& stream) const {
    Exchange exchange{.stream = stream, .request = {}, .framing = {}, .refusal = {}, .response = {}};
    write_by_hand(stream, exchange, HttpError(503, "Too many connections.", {{"Retry-After", "1"}}));
    stream.flush(*exchange.response->body);
  }

  void write_by_hand(ConnectionStream& stream, Exchange& exchange, const HttpError& error) const {
    exchange.response = dispatcher_.refuse(exchange.request, error);
    std::string head = "HTTP/1.1 " + std::to_string(error.status()) + ' ' +
                       std::string(problem_type(error.status()).title) +
                       "\r\nConnection: close\r\nContent-Type: " + exchange.response->content_type +
                       "\r\nContent-Length: " + std::to_string(exchange.response->body->size()) + "\r\n";
    for (const auto& [name, value] : exchange.response->headers) head += name + ": " + value + "\r\n";
    head += "\r\n";
    stream.write(head.data(), head.size());
  }

  // Leaves the body to the loop, which sends it from where it lies; the library writes the head.
  static void send(Response answer, httplib::Response& response) {
    Exchange& exchange = *current_exchange;
    response.status = answer.status;
    for (const auto& [name, value] : answer.headers) response.headers.emplace(name, value);
    if (!answer.content_type.empty()) response.headers.emplace("Content-Type", answer.content_type);
    response.headers.emplace("Content-Length", std::to_string(answer.body ? answer.body->size() : 0));
    response.headers.emplace("Date", http_date());
    if (exchange.must_close) response.headers.emplace("Connection", "close");
    exchange.response = std::move(answer);
  }

  const Dispatcher& dispatcher_;
  const TransportOptions options_;
  const int stop_event_;
  std::mutex mutex_;
  std::condition_variable all_closed_;
  std::set<int> open_;
};

class HttplibTransport final : public Transport {
 public:
  HttplibTransport(const Dispatcher& dispatcher, const TransportOptions& options)
      : server_(dispatcher, options), port_(server_.bind()) {}

  int port() const override { return port_; }
  void run() override { server_.listen_after_bind(); }
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

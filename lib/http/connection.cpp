#include "http/connection.h"

#include <array>
#include <ctime>
#include <new>
#include <optional>

#include "http/body_decoder.h"
#include "http/fields.h"
#include "http/problem_document.h"

namespace aforro::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kMaxLineBytes = kMaxTargetBytes + 256;  // with method and version

std::string_view http_date() {
  thread_local std::time_t last = 0;
  thread_local std::array<char, 64> text{};
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != last) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    last = now;
  }
  return {text.data(), size};
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    default:
      return problem_type(status).title;
  }
}

bool has_no_body(int status) { return status == 204 || status == 304; }

std::string head_of(const Response& response, bool stays_open) {
  std::string head;
  head.reserve(512);
  const auto add = [&](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append(kLineEnd);
  };
  head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head.append(reason_phrase(response.status)).append(kLineEnd);
  add("Date", http_date());
  add("Connection", stays_open ? "keep-alive" : "close");
  if (!response.content_type.empty()) add("Content-Type", response.content_type);
  if (!has_no_body(response.status)) {
    add("Content-Length", std::to_string(response.body ? response.body->size() : 0));
  }
  for (const auto& [name, value] : response.headers) add(name, value);
  head.append(kLineEnd);
  return head;
}

// A head under way, line by line, so that what will never be one is noticed at once.
class HeadReader {
 public:
  // Takes bytes up, at most to the end of the head, and says how many. Throws HttpError 400, 414, 431.
  std::size_t feed(std::string_view bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && !is_complete_) {
      const std::size_t newline = bytes.find('\n', used);
      const std::size_t end = newline == std::string_view::npos ? bytes.size() : newline + 1;
      head_.append(bytes.substr(used, end - used));
      used = end;
      check_size();
      if (newline != std::string_view::npos) end_line();
    }
    return used;
  }

  bool is_complete() const { return is_complete_; }
  bool has_begun() const { return !head_.empty(); }
  std::string take() { return std::move(head_); }

 private:
  void check_size() const {
    // No method begins with anything else: a client that speaks TLS, say.
    if (head_.front() != '\r' && !is_token(std::string_view(head_).substr(0, 1)))
      throw HttpError(400, "This is no HTTP/1.1 request.");
    if (!headers_at_ && head_.size() > kMaxLineBytes)
      throw HttpError(414, "The target of a request has at most 8 KiB.");
    if (headers_at_ && head_.size() - *headers_at_ > kMaxHeaderBytes)
      throw HttpError(431, "The headers have at most 8 KiB in sum.");
  }

  void end_line() {
    const std::string_view line = std::string_view(head_).substr(line_at_);
    if (!line.ends_with(kLineEnd)) throw HttpError(400, "A line of the head does not end as it must.");
    line_at_ = head_.size();
    const bool is_empty = line == kLineEnd;
    is_complete_ = is_empty && headers_at_;
    if (headers_at_ || is_complete_) return;
    // One empty line before the request is forgiven; see parse_head().
    if (!is_empty) headers_at_ = line_at_;
    if (is_empty && line_at_ > kLineEnd.size()) throw HttpError(400, "This is no HTTP/1.1 request.");
  }

  std::string head_;
  std::size_t line_at_ = 0;                // where the present line begins
  std::optional<std::size_t> headers_at_;  // once the request line is there
  bool is_complete_ = false;
};

}  // namespace

Connection::Connection(int socket, int stop, const Dispatcher& dispatcher, const TransportOptions& options)
    : stream_(socket, stop), dispatcher_(dispatcher), options_(options), peer_(stream_.peer()) {}

void Connection::serve() {
  while (stream_.wait_for_request(options_.idle_timeout)) {
    if (!serve_request()) return;
  }
}

void Connection::refuse(const HttpError& error) {
  Request request;
  request.peer = peer_;
  send(request, dispatcher_.refuse(request, error), false);
}

// False if the connection is to be closed.
bool Connection::serve_request() {
  stream_.begin_request(options_.request_timeout);
  Request request;
  request.peer = peer_;
  try {
    const std::string bytes = read_head();
    const RequestHead head = parse_head(bytes, request);
    read_body(head, request);
    const Response response = dispatcher_.handle(request);
    if (!send(request, response, !head.wants_close)) return false;
    if (!head.wants_close) return true;
  } catch (const HttpError& error) {
    // Where the next request would begin is not known.
    if (!send(request, dispatcher_.refuse(request, error), false)) return false;
  } catch (const std::bad_alloc&) {
    return false;
  }
  stream_.linger();
  return false;
}

std::string Connection::read_head() {
  HeadReader reader;
  while (!reader.is_complete()) {
    const std::string_view bytes = stream_.peek();
    if (bytes.empty() && stream_.timed_out()) throw HttpError(408, "The headers did not arrive in time.");
    if (bytes.empty()) throw HttpError(400, "The request ended before it was complete.");
    stream_.consume(reader.feed(bytes));
  }
  return reader.take();
}

void Connection::read_body(const RequestHead& head, Request& request) {
  BodyDecoder decoder(head.framing);
  const bool is_waiting = same_word(request.header("Expect").value_or(""), "100-continue");
  if (is_waiting && !decoder.is_complete()) stream_.send("HTTP/1.1 100 Continue\r\n\r\n");
  while (!decoder.is_complete()) {
    const std::string_view bytes = stream_.peek();
    if (bytes.empty() && stream_.timed_out()) throw HttpError(408, "The body did not arrive in time.");
    if (bytes.empty()) throw HttpError(400, "The body ended before it was complete.");
    stream_.consume(decoder.feed(bytes));
  }
  request.body = decoder.take();
}

bool Connection::send(const Request& request, const Response& response, bool stays_open) {
  const bool has_body = response.body && request.method != "HEAD" && !has_no_body(response.status);
  return stream_.send(head_of(response, stays_open),
                      has_body ? std::string_view(*response.body) : std::string_view());
}

}  // namespace aforro::http

#include "support/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace aforro::test {
namespace {

using std::chrono::steady_clock;
using Outcome = ClientStream::Outcome;

constexpr std::chrono::milliseconds kLeastPatience{1'000};  // of a client that sends

bool is_same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

sockaddr_in address(const std::string& host, int port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::inet_pton(AF_INET, host.c_str(), &result.sin_addr) != 1) throw HttpFault("no address: " + host);
  return result;
}

template <class Address>
bool connects(int socket, const Address& to) {
  return ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

bool connects_by_path(int socket, const std::filesystem::path& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof to.sun_path) throw HttpFault("too long: " + path.string());
  path.native().copy(to.sun_path, path.native().size());
  return connects(socket, to);
}

bool connects_by_port(int socket, int port, const std::string& from) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const sockaddr_in ours = address(from, 0);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&ours), sizeof ours) == 0 &&
         connects(socket, address("127.0.0.1", port));
}

// Of TCP if there is no path.
int connected_socket(const std::filesystem::path& path, int port, const std::string& from) {
  const int made = ::socket(path.empty() ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) throw HttpFault(std::strerror(errno));
  if (path.empty() ? connects_by_port(made, port, from) : connects_by_path(made, path)) return made;
  const std::string reason = std::strerror(errno);
  ::close(made);
  throw HttpFault("no connection: " + reason);
}

std::size_t parse_size(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end == text.data()) throw HttpFault("no length: " + std::string(text));
  return value;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::string> HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (is_same_name(key, name)) return value;
  }
  return std::nullopt;
}

HttpClient::HttpClient(int port, std::string from, std::chrono::milliseconds timeout)
    : port_(port), from_(std::move(from)), timeout_(timeout) {}

HttpClient::HttpClient(std::filesystem::path socket, std::chrono::milliseconds timeout)
    : path_(std::move(socket)), timeout_(timeout) {}

HttpClient::HttpClient(HttpClient&& other) noexcept
    : port_(other.port_),
      from_(other.from_),
      path_(other.path_),
      timeout_(other.timeout_),
      stream_(std::move(other.stream_)),
      connections_(other.connections_),
      received_(std::move(other.received_)),
      is_at_end_(other.is_at_end_) {}

HttpClient::~HttpClient() { disconnect(); }

void HttpClient::disconnect() {
  stream_ = ClientStream();
  received_.clear();
  is_at_end_ = false;
}

void HttpClient::connect() {
  disconnect();
  stream_ = ClientStream(connected_socket(path_, port_, from_), path_.empty() ? port_ : 0);
  ++connections_;
  stream_.shake_hands(steady_clock::now() + timeout_);  // where it fails, the answer that is missing says so
}

void HttpClient::send(std::string_view bytes) {
  if (!is_connected()) connect();
  while (!bytes.empty()) {
    std::size_t sent = 0;
    const Outcome outcome = stream_.send(bytes, sent);
    if (outcome == Outcome::blocked && stream_.wait(steady_clock::now() + std::max(timeout_, kLeastPatience)))
      continue;
    if (outcome != Outcome::done) return;
    bytes.remove_prefix(sent);
  }
}

void HttpClient::finish_sending() { stream_.end_sending(); }

void HttpClient::fill() {
  if (!is_connected()) throw HttpFault("not connected");
  const auto until = steady_clock::now() + timeout_;
  char piece[64 * 1024];
  std::size_t got = 0;
  Outcome outcome = stream_.receive(piece, got);
  while (outcome == Outcome::blocked && stream_.wait(until)) outcome = stream_.receive(piece, got);
  if (outcome == Outcome::blocked) throw HttpFault("no answer in time");
  if (outcome == Outcome::broken) throw HttpFault("broken connection: " + stream_.fault());
  if (outcome == Outcome::ended) is_at_end_ = true;
  received_.append(piece, got);
}

std::string HttpClient::take_line() {
  for (;;) {
    const std::size_t end = received_.find("\r\n");
    if (end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 2);
      return line;
    }
    if (is_at_end_) {
      throw HttpFault(received_.empty() ? "closed without an answer" : "closed within a line: " + received_);
    }
    fill();
  }
}

std::string HttpClient::take(std::size_t bytes) {
  while (received_.size() < bytes) {
    if (is_at_end_) throw HttpFault("closed within a body");
    fill();
  }
  std::string result = received_.substr(0, bytes);
  received_.erase(0, bytes);
  return result;
}

HttpResponse HttpClient::receive(Body body) {
  HttpResponse response;
  do {  // answers below 200 announce another
    const std::string line = take_line();
    if (!line.starts_with("HTTP/1.") || line.size() < 12) throw HttpFault("no status line: " + line);
    response.status = static_cast<int>(parse_size(line.substr(9, 3), 10));
    response.headers.clear();
    for (std::string header = take_line(); !header.empty(); header = take_line()) {
      const std::size_t colon = header.find(':');
      if (colon == std::string::npos) throw HttpFault("no header: " + header);
      response.headers.emplace_back(header.substr(0, colon),
                                    trim(std::string_view(header).substr(colon + 1)));
    }
  } while (response.status < 200);

  const auto length = response.header("Content-Length");
  if (body == Body::none || response.status == 204 || response.status == 304) {
    // nothing follows
  } else if (response.header("Transfer-Encoding") == "chunked") {
    for (std::size_t size = parse_size(take_line(), 16); size > 0; size = parse_size(take_line(), 16)) {
      response.body += take(size);
      take_line();
    }
    while (!take_line().empty()) {
    }
  } else if (length) {
    response.body = take(parse_size(*length, 10));
  } else {
    while (!is_at_end_) fill();
    response.body = std::exchange(received_, {});
  }
  if (const auto connection = response.header("Connection");
      connection && is_same_name(*connection, "close")) {
    disconnect();
  }
  return response;
}

HttpResponse HttpClient::request(std::string_view method, std::string_view target, const Headers& headers,
                                 std::optional<std::string_view> body) {
  std::string text;
  const std::string host = path_.empty() ? "127.0.0.1:" + std::to_string(port_) : "localhost";
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(host);
  text.append("\r\n");
  for (const auto& [name, value] : headers) text.append(name).append(": ").append(value).append("\r\n");
  if (body) text.append("Content-Length: " + std::to_string(body->size()) + "\r\n");
  text.append("\r\n").append(body.value_or(""));
  if (is_connected() && stream_.was_closed()) disconnect();
  send(text);
  return receive(method == "HEAD" ? Body::none : Body::expected);
}

HttpResponse HttpClient::get(std::string_view target, const Headers& headers) {
  return request("GET", target, headers);
}

HttpResponse HttpClient::head(std::string_view target, const Headers& headers) {
  return request("HEAD", target, headers);
}

HttpResponse HttpClient::post(std::string_view target, std::string_view json, const Headers& headers) {
  Headers all{{"Content-Type", "application/json"}};
  all.insert(all.end(), headers.begin(), headers.end());
  return request("POST", target, all, json);
}

HttpResponse HttpClient::raw(std::string_view bytes) {
  connect();
  send(bytes);
  return receive();
}

}  // namespace aforro::test

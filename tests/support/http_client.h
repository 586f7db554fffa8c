// A client of HTTP/1.1 over a socket, encrypted at ports that speak TLS (client_stream.h), which shows what
// came as it came and can send what no proper client would. Keeps its connection as long as the server does.
// One thread at a time.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/client_stream.h"

namespace aforro::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpResponse {
  int status = 0;
  Headers headers;  // as sent, in order
  std::string body;

  // The first header of that name in any case.
  std::optional<std::string> header(std::string_view name) const;
  bool has(std::string_view name) const { return header(name).has_value(); }
};

// No answer, or none that is HTTP: refused, closed, late or broken.
class HttpFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class HttpClient {
 public:
  enum class Body { expected, none };  // none: of the answer to HEAD

  // Connects to 127.0.0.1 with the first request, from the given address of this machine.
  explicit HttpClient(int port, std::string from = "127.0.0.1",
                      std::chrono::milliseconds timeout = std::chrono::minutes(1));
  // Connects to a Unix socket.
  explicit HttpClient(std::filesystem::path socket,
                      std::chrono::milliseconds timeout = std::chrono::minutes(1));
  HttpClient(HttpClient&& other) noexcept;
  HttpClient& operator=(HttpClient&&) = delete;
  ~HttpClient();

  HttpResponse get(std::string_view target, const Headers& headers = {});
  HttpResponse head(std::string_view target, const Headers& headers = {});
  // A body of JSON, said to be so.
  HttpResponse post(std::string_view target, std::string_view json, const Headers& headers = {});
  // Adds Host, and Content-Length where there is a body, to the given headers; nothing else.
  HttpResponse request(std::string_view method, std::string_view target, const Headers& headers = {},
                       std::optional<std::string_view> body = std::nullopt);

  // Sends these bytes as they are on a new connection and reads one answer.
  HttpResponse raw(std::string_view bytes);

  // The two halves. Bytes that the server does not take any more are dropped: its answer says why.
  void send(std::string_view bytes);
  HttpResponse receive(Body body = Body::expected);
  // The next line as it comes, without its end: for what receive() passes over, such as "100 Continue".
  std::string receive_line() { return take_line(); }

  // Says that no more will be sent on this connection.
  void finish_sending();
  void disconnect();
  // The cipher of its connection as TLS names it; empty where nothing is encrypted.
  std::string cipher() const { return stream_.cipher(); }
  // How often it has connected so far.
  int connections() const { return connections_; }

 private:
  void connect();
  void fill();
  bool is_connected() const { return stream_.descriptor() >= 0; }
  std::string take_line();
  std::string take(std::size_t bytes);

  const int port_ = 0;
  const std::string from_;
  const std::filesystem::path path_;  // empty: TCP
  const std::chrono::milliseconds timeout_;
  ClientStream stream_;
  int connections_ = 0;
  std::string received_;  // and not yet read
  bool is_at_end_ = false;
};

}  // namespace aforro::test

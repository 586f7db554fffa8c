// A whole connection: whatever a client sends, however it is cut, it gets whole answers, the last of which
// says that it is the last; and the cut makes no difference.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/percent_encoding.h"
#include "fuzz.h"
#include "http/connection.h"
#include "http/dispatcher.h"
#include "http/held_bytes.h"
#include "http/router.h"
#include "http/spool.h"
#include "limit/limits.h"

namespace {

using namespace aforro::http;  // NOLINT: most of it
using aforro::fuzz::require;

// Two pieces that look like what stands around them.
class Pieces final : public BodyStream {
 public:
  Piece next() override {
    ++asked_;
    if (asked_ == 1) return {.bytes = "0\r\n\r\n"};
    return {.bytes = "HTTP/1.1 200 OK\r\n", .is_last = true};
  }

 private:
  int asked_ = 0;
};

const Dispatcher& dispatcher() {
  static const aforro::SystemClock clock;
  static aforro::Log log(::open("/dev/null", O_WRONLY | O_CLOEXEC), aforro::Log::Level::error, clock);
  static const Router router = [] {
    Router routes;
    routes.add({"home", "GET", "/", kNoBody, [](const Request&) { return json_response(200, "[]"); }});
    // What arrived of the body, so that a wrong end of it shows.
    routes.add({"echo", "POST", "/echo", {.media_type = "*/*"}, [](const Request& request) {
                  return json_response(201, aforro::percent_encode(request.body));
                }});
    routes.add(
        {"upload", "POST", "/up", {.media_type = "*/*", .is_spooled = true}, [](const Request& request) {
           return json_response(201, aforro::percent_encode(request.spooled->read(0, 65'536)));
         }});
    routes.add({"stream", "GET", "/s", kNoBody,
                [](const Request&) { return stream_response("text/plain", std::make_shared<Pieces>()); }});
    return routes;
  }();
  static const aforro::limit::Limits limits;
  static const Dispatcher answering(router, log, {}, limits);
  return answering;
}

class Sockets {
 public:
  explicit Sockets(int type) { require(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends_.data()) == 0); }
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;
  ~Sockets() {
    ::close(ends_[0]);
    if (ends_[1] >= 0) ::close(ends_[1]);
  }
  int client() const { return ends_[0]; }
  int take_server() { return std::exchange(ends_[1], -1); }  // to be closed by the caller

 private:
  std::array<int, 2> ends_{};
};

// All that comes back for these bytes, which arrive in pieces of that size: a socket of packets keeps them
// apart.
std::string answers_to(std::string_view bytes, std::size_t piece) {
  Sockets sockets(piece == 0 ? SOCK_STREAM : SOCK_SEQPACKET);
  if (piece == 0) piece = bytes.size();
  while (!bytes.empty()) {
    const std::string_view packet = bytes.substr(0, piece);
    require(::send(sockets.client(), packet.data(), packet.size(), MSG_DONTWAIT) ==
            static_cast<ssize_t>(packet.size()));
    bytes.remove_prefix(packet.size());
  }
  ::shutdown(sockets.client(), SHUT_WR);

  static Spool spool({.folder = "/var/tmp", .max_bytes = 1'000'000});
  static const TransportOptions options{.spool = &spool};
  static const std::atomic<bool> stopping = false;
  std::string all;
  std::array<char, 65'536> buffer{};
  const auto collect = [&] {
    for (;;) {
      const ssize_t got = ::recv(sockets.client(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got <= 0) return;
      all.append(buffer.data(), static_cast<std::size_t>(got));
    }
  };
  {
    HeldBytes held(options.max_held_bytes);
    Connection connection(aforro::Descriptor(sockets.take_server()), dispatcher(), options, held, stopping);
    std::array<char, 16 * 1024> input{};
    // Whatever it waits for is there already: what was sent, the end of it, or room that is made here.
    while (connection.advance(input) != Connection::Next::close) collect();
  }
  collect();
  require(spool.held_bytes() == 0);
  return all;
}

struct Answer {
  std::string status;
  std::string connection;
  std::string body;

  friend bool operator==(const Answer&, const Answer&) = default;
};

std::string take_chunks(std::string_view& text) {
  std::string body;
  for (;;) {
    const std::size_t end = text.find("\r\n");
    require(end != std::string_view::npos);
    const std::size_t size = std::stoul(std::string(text.substr(0, end)), nullptr, 16);
    require(text.size() >= end + 2 + size + 2 && text.substr(end + 2 + size, 2) == "\r\n");
    body.append(text.substr(end + 2, size));
    text.remove_prefix(end + 2 + size + 2);
    if (size == 0) return body;
  }
}

// Takes the next answer off; what it answers is not known, so one without its body is told by what follows.
Answer take_answer(std::string_view& text) {
  require(text.starts_with("HTTP/1.1 "));
  const std::size_t end = text.find("\r\n\r\n");
  require(end != std::string_view::npos);
  std::string_view head = text.substr(0, end + 2);
  text.remove_prefix(end + 4);
  Answer answer;
  answer.status = head.substr(9, 3);
  head.remove_prefix(head.find("\r\n") + 2);
  std::size_t length = 0;
  bool has_length = false;
  const bool is_chunked = head.find("\r\nTransfer-Encoding: chunked\r\n") != std::string_view::npos;
  while (!head.empty()) {
    const std::size_t line_end = head.find("\r\n");
    const std::string_view line = head.substr(0, line_end);
    head.remove_prefix(line_end + 2);
    const std::size_t colon = line.find(": ");
    require(colon != std::string_view::npos);
    if (line.starts_with("Connection: ")) answer.connection = line.substr(colon + 2);
    if (line.starts_with("Content-Length: ")) {
      length = std::stoul(std::string(line.substr(colon + 2)));
      has_length = true;
    }
  }
  if (answer.connection == "close" && !has_length && !is_chunked && answer.status == "200") {  // of HTTP/1.0
    answer.body = text;
    text = {};
    return answer;
  }
  const bool is_to_head = text.empty() || text.starts_with("HTTP/1.1 ");
  if (is_to_head) return answer;
  if (is_chunked) {
    answer.body = take_chunks(text);
    return answer;
  }
  require(length <= text.size());
  answer.body = text.substr(0, length);
  text.remove_prefix(length);
  return answer;
}

std::vector<Answer> read_answers(const std::string& text) {
  std::vector<Answer> answers;
  for (std::string_view rest = text; !rest.empty();) {
    Answer answer = take_answer(rest);
    if (answer.status == "100") continue;
    require(answer.status != "500");
    require(answer.connection == "keep-alive" || answer.connection == "close");
    if (answer.connection == "close") require(rest.empty());
    // Each names itself: ids are made up anew.
    if (answer.status[0] >= '4') answer.body.clear();
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes = aforro::fuzz::text_of(data + 1, size - 1);
  const std::size_t piece = data[0] % 64U + 1;
  const auto whole = read_answers(answers_to(bytes, 0));
  // A socket takes only so many packets before somebody reads.
  if (bytes.size() / piece < 100) require(read_answers(answers_to(bytes, piece)) == whole);
  return 0;
}

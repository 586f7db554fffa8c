// Of httplib::Server only process_request() is used: it reads one request from a Stream, which is our socket,
// and writes its answer there.
//
// A handler must not notice. cpp-httplib decodes percent signs in headers, loses their order and those that
// are empty, answers methods and ranges that it does not know by itself, unpacks bodies and packs answers. So
// it never sees what a client has sent as a head: that is read by head_reader and parse_head(), as on the
// other transport, and what cpp-httplib gets in its place says no more than how long the body is. The head of
// the answer is what response_head() makes.
//
// What it reads is the body, and there it is less strict than RFC 9112: "0x41" and "+41" pass for the size of
// a chunk. Where the next request begins behind chunks would be a matter of opinion, so the connection ends.
#include "http/httplib_requests.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/problem.h"
#include "http/fields.h"
#include "http/head_reader.h"
#include "http/no_memory.h"
#include "http/outgoing.h"
#include "http/response_head.h"

namespace aforro::http {
namespace {

// process_request() of 0.11 and of 0.18.
using Setup = std::function<void(httplib::Request&)>;
using ProcessRequest011 = bool (httplib::Server::*)(httplib::Stream&, bool, bool&, const Setup&);
using ProcessRequest018 = bool (httplib::Server::*)(httplib::Stream&, const std::string&, int,
                                                    const std::string&, int, bool, bool&, const Setup&);

bool process(httplib::Server& server, ProcessRequest011 call, httplib::Stream& stream) {
  bool is_closed = false;
  return (server.*call)(stream, true, is_closed, nullptr);
}

[[maybe_unused]] bool process(httplib::Server& server, ProcessRequest018 call, httplib::Stream& stream) {
  bool is_closed = false;
  return (server.*call)(stream, "", 0, "", 0, true, is_closed, nullptr);
}

// The requests of one client, one after another.
class HttplibConnection final : private httplib::Server, private httplib::Stream {
 public:
  HttplibConnection(WaitingClient& client, const Dispatcher& dispatcher, const std::atomic<bool>& stopping,
                    const Event& stop, Spool* spool)
      : client_(client), dispatcher_(dispatcher), stopping_(stopping), stop_(stop), spool_(spool) {
    set_pre_routing_handler([this](const httplib::Request& /*request*/, httplib::Response& response) {
      if (awaits_body_) return HandlerResponse::Unhandled;
      set_answer(response, answer_ ? *std::move(answer_) : answer_without_body());
      return HandlerResponse::Handled;
    });
    Post("/", [this](const httplib::Request& /*request*/, httplib::Response& response,
                     const httplib::ContentReader& body) {
      read_body(body);
      set_answer(response, dispatcher_.handle(request_));
    });
    set_exception_handler([](const httplib::Request& /*request*/, httplib::Response& /*response*/,
                             const std::exception_ptr& fault) { std::rethrow_exception(fault); });
    set_post_routing_handler(
        [this](const httplib::Request& /*request*/, httplib::Response& response) { set_headers(response); });
    svr_sock_ = 0;  // any: without one it cuts its answers, as one that was stopped
  }

  // Answers the next request. False if it was the last.
  bool serve_one() {
    request_.peer = client_.peer();
    request_.is_encrypted = client_.is_encrypted();
    try {
      const bool goes_on = answer_one() && skip_leftover() && !is_last_;
      forget_request();  // while it waits for the next it keeps nothing
      return goes_on;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::system_error&) {  // no descriptor for a stream that waits
      refuse_client(
          client_, dispatcher_, request_,
          std::make_exception_ptr(Problem::unavailable("The server has no room for this just now.")));
    } catch (const std::exception&) {
      refuse_client(client_, dispatcher_, request_, std::current_exception());
    }
    return false;
  }

  // To be told when there is no memory for any other answer.
  void refuse_without_memory() {
    std::array<char, kNoMemoryAnswerBytes> buffer;
    if (!is_answered_) client_.write(no_memory_answer(request_, buffer));
  }

 private:
  // --- The socket, as cpp-httplib sees it.

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t size) override {
    const std::string_view bytes = given_head_.empty() ? client_.wait_for_bytes() : given_head_;
    const std::size_t count = bytes.copy(to, size);
    given_head_.empty() ? client_.take(count) : given_head_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, std::size_t size) override {
    return client_.write({from, size}) ? static_cast<ssize_t>(size) : -1;
  }
  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  socket_t socket() const override { return 0; }  // of which it only asks whether select(2) could take it

  // --- A request.

  void forget_request() {
    request_ = Request();
    head_ = RequestHead();
    answer_.reset();
    client_.hold_answer(nullptr);
    is_answered_ = false;
  }

  // False if the answer did not arrive as a whole.
  bool answer_one() {
    read_head();
    const Framing& framing = head_.framing;
    answer_ = dispatcher_.begin(request_, framing);
    // Of HEAD it reads no body.
    awaits_body_ = !answer_ && framing.has_body() && request_.method != "HEAD";
    left_over_ = 0;
    if (framing.has_body() && !awaits_body_) {
      const bool may_go_on =
          !framing.is_chunked && framing.content_bytes <= kMaxLeftOverBytes && !request_.header("Expect");
      if (may_go_on) left_over_ = framing.content_bytes;
      is_last_ = is_last_ || !may_go_on;
    }
    const std::string head = least_head();
    given_head_ = head;
    const bool is_whole = process(*this, &HttplibConnection::process_request, *this);
    if (!is_whole) client_.break_off();
    return is_whole;
  }

  void read_head() {
    HeadReader reader;
    while (!reader.is_complete()) {
      client_.hold(reader.held_bytes());
      const std::string_view bytes = client_.wait_for_bytes();
      if (bytes.empty() && client_.is_late())
        throw Problem(Problem::Kind::timed_out, "The headers did not arrive in time.");
      if (bytes.empty()) throw Problem(Problem::Kind::invalid, "The request ended before it was complete.");
      client_.take(reader.feed(bytes));
    }
    head_ = parse_head(reader.head(), request_);
    is_last_ = head_.wants_close || head_.framing.is_chunked;
  }

  std::string least_head() const {
    if (!awaits_body_)
      return request_.method == "HEAD" ? "HEAD / HTTP/1.1\r\n\r\n" : "GET / HTTP/1.1\r\n\r\n";
    return "POST / HTTP/1.1\r\n" +
           (head_.framing.is_chunked ? "Transfer-Encoding: chunked"
                                     : "Content-Length: " + std::to_string(head_.framing.content_bytes)) +
           "\r\n\r\n";
  }

  Response answer_without_body() {
    request_.spooled = open_spooled(spool_, request_.route->body, head_.framing);
    return dispatcher_.handle(request_);
  }

  void read_body(const httplib::ContentReader& body) {
    const BodyPolicy& policy = request_.route->body;
    const std::shared_ptr<SpooledBody> spooled = open_spooled(spool_, policy, head_.framing);
    if (same_word(request_.header("Expect").value_or(""), "100-continue"))
      client_.write("HTTP/1.1 100 Continue\r\n\r\n");
    const std::size_t head = head_bytes(request_);
    std::size_t size = 0;
    const bool is_whole = body([&](const char* bytes, std::size_t count) {
      size += count;
      if (size > policy.max_bytes) return false;
      if (spooled) {
        spooled->append({bytes, count});
      } else if (policy.is_wanted()) {
        request_.body.append(bytes, count);
      }
      client_.hold(head + request_.body.capacity());
      return true;
    });
    request_.spooled = spooled;
    if (is_whole) return;
    if (size > policy.max_bytes) refuse_large_body(policy);
    if (client_.is_late()) throw Problem(Problem::Kind::timed_out, "The body did not arrive in time.");
    throw Problem(Problem::Kind::invalid,
                  "The body ended before it was complete, or has chunks that are none.");
  }

  // What belongs to a request that was answered by its head. False if it does not come.
  bool skip_leftover() {
    while (left_over_ > 0) {
      const std::size_t count = std::min<std::uint64_t>(left_over_, client_.wait_for_bytes().size());
      if (count == 0) return false;
      client_.take(count);
      left_over_ -= count;
    }
    return true;
  }

  // --- Its answer.

  void set_answer(httplib::Response& response, Response answer) {
    std::string().swap(request_.body);  // an assignment would keep its memory
    client_.hold_answer(has_no_body(answer.status) ? nullptr : answer.body);
    response.status = answer.status;
    if (answer.stream) {
      set_stream(response, answer);
    } else if (answer.body && !answer.body->empty() && !has_no_body(answer.status)) {
      // Shared with the cache and with other connections, so that it must not be copied for each.
      response.set_content_provider(
          answer.body->size(), answer.content_type,
          [body = answer.body](std::size_t at, std::size_t size, httplib::DataSink& sink) {
            return sink.write(body->data() + at, size);
          });
    }
    answer_ = std::move(answer);
  }

  void set_stream(httplib::Response& response, const Response& answer) {
    const bool is_chunked = !head_.is_version_1_0 && !answer.stream_bytes;
    const std::shared_ptr<Outgoing::Stream> stream = open_stream(answer.stream, request_.id, is_chunked);
    const auto provider = [this, stream](std::size_t /*offset*/, httplib::DataSink& sink) {
      return give_piece(*stream, sink);
    };
    if (answer.stream_bytes == 0) return;  // it knows no such thing
    if (answer.stream_bytes) {
      response.set_content_provider(static_cast<std::size_t>(*answer.stream_bytes), answer.content_type,
                                    [provider](std::size_t offset, std::size_t /*left*/,
                                               httplib::DataSink& sink) { return provider(offset, sink); });
    } else if (head_.is_version_1_0) {
      is_last_ = true;
      response.set_content_provider(answer.content_type, provider);
    } else {
      response.set_chunked_content_provider(answer.content_type, provider);
    }
  }

  // False if there is none: what was sent is a part.
  bool give_piece(const Outgoing::Stream& stream, httplib::DataSink& sink) {
    for (;;) {
      if (stream.ready) stream.ready->clear();  // before the look: what comes after it sets it again
      auto piece = dispatcher_.next_piece(*stream.body, stream.request_id);
      if (!piece) return false;
      const bool has_bytes = !piece->bytes.empty();
      assert((stream.ready || piece->is_last || has_bytes) && "it has nothing, and does not wait");
      if (!has_bytes && !piece->is_last) {
        if (client_.wait_for(*stream.ready, stop_)) continue;
        if (!stopping_) return false;
        piece->is_last = true;
      }
      if (has_bytes) sink.write(piece->bytes.data(), piece->bytes.size());
      if (piece->is_last && sink.done) sink.done();  // where the length is said, it says when that is reached
      return true;
    }
  }

  void set_headers(httplib::Response& response) {
    is_answered_ = true;
    is_last_ = is_last_ || stopping_;
    const std::string head =
        response_head(*answer_, is_last_ ? After::close : After::keep_alive, !head_.is_version_1_0);
    response.headers.clear();
    std::string_view lines(head);
    for (;;) {
      lines.remove_prefix(lines.find("\r\n") + 2);
      const std::size_t colon = lines.find(": ");
      if (colon == std::string_view::npos) return;
      response.headers.emplace(lines.substr(0, colon),
                               lines.substr(colon + 2, lines.find("\r\n") - colon - 2));
    }
  }

  WaitingClient& client_;
  const Dispatcher& dispatcher_;
  const std::atomic<bool>& stopping_;
  const Event& stop_;
  Spool* const spool_;
  Request request_;
  RequestHead head_;
  bool awaits_body_ = false;
  std::uint64_t left_over_ = 0;  // bytes of a body that nobody reads
  std::string_view given_head_;  // and not yet read by cpp-httplib
  std::optional<Response> answer_;
  bool is_answered_ = false;  // at least in part
  bool is_last_ = false;
};

}  // namespace

void serve_requests(WaitingClient& client, const Dispatcher& dispatcher, const std::atomic<bool>& stopping,
                    const Event& stop, Spool* spool, FunctionRef<bool()> wait_for_request) {
  HttplibConnection connection(client, dispatcher, stopping, stop, spool);
  try {
    while (wait_for_request() && connection.serve_one()) {
    }
  } catch (const std::bad_alloc&) {
    connection.refuse_without_memory();
  }
}

void refuse_client(WaitingClient& client, const Dispatcher& dispatcher, Request& request,
                   const std::exception_ptr& fault) {
  const Response answer = dispatcher.refuse(request, fault);
  client.hold_answer(answer.body);
  client.write(response_head(answer, After::close, true));
  if (answer.body && request.method != "HEAD") client.write(*answer.body);
}

}  // namespace aforro::http

// A connection is a state machine: head, body, sending, and then the next head, or lingering before it
// closes. A thread that has it calls advance(), which takes what the socket has, goes as far as that allows,
// and says which readiness it needs next; it never blocks for its client. (With a thread for each connection,
// as it was first, a cached listing spent three quarters of its time in the kernel, and a thousand idle
// clients held a thousand threads.)
//
// Most requests that are refused are refused by their head, with the body unread. If little of one was
// announced, the connection is worth more than it costs to read past it; else the answer is the last.
//
// One request is answered at a time. Bytes that a client sends behind it (pipelining) wait in `unread_` until
// the answer is sent. After a fault in a head or a body nothing says where the next request begins, so the
// answer to it is the last.
//
// Closing is a step of its own. If a socket is closed while bytes from the client are unread, the kernel
// resets the connection, and the client may lose the answer that explains the refusal (RFC 9112, 9.6). So the
// sending side is shut, and what still comes is read and thrown away, for a bounded time and a bounded number
// of bytes.
//
// What a connection holds while it waits for its client is reported to `share_`. For want of room another
// thread may then free it all (let_go()); the next advance() notices that and refuses the request, or closes.
#include "http/connection.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <new>
#include <system_error>
#include <utility>

#include "base/problem.h"
#include "http/fields.h"
#include "http/no_memory.h"

namespace aforro::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Received = ClientSocket::Received;

constexpr milliseconds kLingerTimeout{2'000};
constexpr std::size_t kLingerBytes = 16 * 1024 * 1024;
// While a body keeps arriving it is counted in steps of this size: most bodies are whole before the first.
constexpr std::size_t kCountedAtOnce = 64 * 1024;
constexpr std::uint64_t kStreamedAtOnce = 256 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Problem no_room() { return Problem::unavailable("The server holds too much for its clients just now."); }

}  // namespace

Connection::Connection(Descriptor&& socket, const Dispatcher& dispatcher, const TransportOptions& options,
                       HeldBytes& all_held, const std::atomic<bool>& stopping)
    : dispatcher_(dispatcher),
      options_(options),
      stopping_(stopping),
      peer_(ClientSocket::peer_of(socket.get())),
      now_(steady_clock::now()),
      due_((now_ + (options.tls == nullptr ? options.idle_timeout : options.request_timeout))
               .time_since_epoch()
               .count()),
      idle_since_(now_.time_since_epoch().count()),
      share_(all_held, *this),
      socket_(std::move(socket), options.tls == nullptr ? nullptr : options.tls->open(socket.get())) {}

Connection::~Connection() {
  share_.release();  // so that no other thread shuts down a descriptor that is no longer ours
  // Of an answer that will never be whole.
  if (pace_ || out_.is_streaming()) socket_.reset_when_closed();
}

void Connection::refuse(const Problem& error) {
  try {
    fail(error);
  } catch (const std::bad_alloc&) {
    fail_without_memory();
  }
  if (socket_.is_encrypted()) set_due(now_ + options_.request_timeout);  // the handshake comes first
}

Connection::Handshake Connection::shake_hands() {
  now_ = steady_clock::now();
  if (now_ >= due()) return Handshake::close;
  switch (socket_.shake_hands()) {
    case TlsSession::Result::done:
      if (is_idle()) idle_since_ = now_.time_since_epoch().count();
      set_due(is_idle() ? now_ + options_.idle_timeout : TimePoint::max());
      return Handshake::done;
    case TlsSession::Result::wants_read:
      return Handshake::read;
    case TlsSession::Result::wants_write:
      return Handshake::write;
    case TlsSession::Result::ended:
      return Handshake::close;
    case TlsSession::Result::failed:  // its client shall get to read why
      break;
  }
  idle_since_ = 0;
  out_.clear();
  stage_ = Stage::lingering;
  linger();
  return Handshake::done;
}

Connection::Next Connection::advance(std::span<char> buffer) {
  now_ = steady_clock::now();
  try {
    const bool was_let_go = !share_.take();
    const Next next = go_on(buffer, was_let_go);
    return next == Next::read && socket_.awaits_write() ? Next::write : next;
  } catch (const std::bad_alloc&) {
    if (is_answered()) return Next::close;
  }
  fail_without_memory();
  return Next::read;
}

Connection::Next Connection::go_on(std::span<char> buffer, bool was_let_go) {
  if (is_listening_.exchange(false) && socket_.has_left()) return Next::close;
  bool is_late = now_ >= due();
  // What was read behind the last request comes first; `unread` refers to it, or to the caller's buffer.
  const std::string before = std::move(unread_);
  unread_.clear();
  std::string_view unread = before;
  bool may_have_more = true;
  if (was_let_go) {
    if (is_answered()) return Next::close;
    fail(no_room());
  }
  // Bytes that trickle in don't put the deadline off.
  if (is_late && (stage_ == Stage::leftover || stage_ == Stage::lingering)) return Next::close;
  if (is_late && (stage_ == Stage::body || (stage_ == Stage::head && !is_idle()))) end_of_input(is_late);
  for (;;) {
    if (stage_ == Stage::sending) {
      switch (send()) {
        case Progress::done:
          after_sending();
          continue;
        case Progress::late:
          listen(unread);
          return Next::ready;
        case Progress::blocked:
          if (pace_ && is_overdue(now_)) return Next::close;
          wait_to_send(unread);
          return Next::write;
        case Progress::gone:
          return Next::close;
      }
    }
    if (unread.empty()) {
      // A buffer that was not filled has emptied the socket; whatever comes later makes it ready again.
      const auto received = may_have_more ? socket_.receive(buffer, unread) : Received::nothing_yet;
      if (received == Received::nothing_yet) {
        if (is_idle()) return wait_for_request(is_late);
        if (wait_for_rest()) return Next::read;
        fail(no_room());
        continue;
      }
      if (received == Received::end && (is_idle() || is_answered())) return Next::close;
      if (received == Received::end) end_of_input(is_late);
      is_late = false;
      may_have_more = socket_.may_have_more(unread.size(), buffer.size());
      continue;
    }
    try {
      unread.remove_prefix(take(unread));
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception&) {
      fail(std::current_exception());
    }
    if (lingered_ > kLingerBytes) return Next::close;
  }
}

Connection::Next Connection::wait_for_request(bool is_late) {
  share_.release();
  // Idle first, then the look at `stopping_`: stop() sets that first and then looks for idle connections.
  if (idle_since_ == 0) {
    set_due(now_ + options_.idle_timeout);
    idle_since_ = now_.time_since_epoch().count();
  } else if (is_late) {
    return Next::close;
  }
  return stopping_ ? Next::close : Next::read;
}

// False if there is no room for what has arrived of the request.
bool Connection::wait_for_rest() {
  if (is_answered()) {
    share_.release();
    if (stage_ == Stage::leftover) set_due(request_due());
    return true;
  }
  counted_ = own_bytes();
  if (!share_.collect(counted_, request_began_, now_)) return false;
  set_due(request_due());
  share_.wait();
  return true;
}

void Connection::listen(std::string_view unread) {
  unread_ = unread;
  share_.release();
  set_due(now_ + options_.listener_check);
  // Listening first, then the look at `stopping_`, as in wait_for_request().
  is_listening_ = true;
  if (stopping_) wake();
}

void Connection::wait_to_send(std::string_view unread) {
  if (!pace_) {
    pace_ = std::make_unique<SendPace>(options_.send_pace, now_, taken_by_client());
    set_due(pace_->look_again_at());
    is_sending_ = true;
  }
  unread_ = unread;
  share_.send(own_bytes(), out_.body(), pace_->began_at(), now_);
}

Request& Connection::request() {
  if (!request_) request_ = std::make_unique<Request>();
  return *request_;
}

// Takes the bytes that belong to the present stage and returns how many they were.
std::size_t Connection::take(std::string_view bytes) {
  if (stage_ == Stage::lingering) {
    lingered_ += bytes.size();
    return bytes.size();
  }
  if (stage_ == Stage::leftover) {
    const std::size_t used = body_->feed(bytes);
    received_ += used;
    if (body_->is_complete()) {
      body_.reset();
      stage_ = Stage::head;
    }
    return used;
  }
  if (stage_ == Stage::body) {
    const std::size_t used = body_->feed(bytes);
    received_ += used;
    if (own_bytes() > counted_ + kCountedAtOnce) {
      counted_ = own_bytes();
      if (!share_.collect(counted_, request_began_, now_)) throw no_room();
    }
    if (body_->is_complete()) answer();
    return used;
  }
  if (is_idle()) {
    idle_since_ = 0;
    request_began_ = now_;
    received_ = 0;
    counted_ = 0;
    set_due(request_due());
    request().peer = peer_;
    request().is_encrypted = socket_.is_encrypted();
  }
  const std::size_t used = reader_.feed(bytes);
  received_ += used;
  if (reader_.is_complete()) begin_body();
  return used;
}

void Connection::begin_body() {
  head_ = parse_head(reader_.head(), request());
  if (const std::optional<Response> answer = dispatcher_.begin(request(), head_.framing)) {
    if (head_.wants_close || stopping_ || !may_go_on_behind(head_.framing))
      return respond(*answer, Stage::lingering);
    if (!head_.framing.has_body()) return respond(*answer, Stage::head);
    respond(*answer, Stage::leftover);
    body_.emplace(head_.framing, kNoBody);
    return;
  }
  const BodyPolicy& policy = request().route->body;
  body_.emplace(head_.framing, policy, open_spooled(options_.spool, policy, head_.framing));
  stage_ = Stage::body;
  if (body_->is_complete()) return answer();
  request_bytes_ = head_bytes(request());
  if (same_word(request().header("Expect").value_or(""), "100-continue")) {
    out_.set(std::string(kContinue), nullptr, nullptr);
    stage_ = Stage::sending;
    after_sending_ = Stage::body;
  }
}

// Whether what follows a request that was answered by its head can be told from its body. A client that waits
// to be told to go on may send the body or not.
bool Connection::may_go_on_behind(const Framing& framing) const {
  return !framing.has_body() ||
         (!framing.is_chunked && framing.content_bytes <= kMaxLeftOverBytes && !request_->header("Expect"));
}

// The client sends no more, or not in time.
void Connection::end_of_input(bool is_late) {
  if (is_late) {
    fail(Problem(Problem::Kind::timed_out, stage_ == Stage::body ? "The body did not arrive in time."
                                                                 : "The headers did not arrive in time."));
  } else {
    fail(Problem(Problem::Kind::invalid, stage_ == Stage::body
                                             ? "The body ended before it was complete."
                                             : "The request ended before it was complete."));
  }
}

void Connection::answer() {
  set_due(TimePoint::max());
  request().body = body_->take();
  request().spooled = body_->take_spooled();
  const Response response = dispatcher_.handle(request());
  respond(response, head_.wants_close || stopping_ ? Stage::lingering : Stage::head);
}

// The last answer: where the next request would begin is not known.
void Connection::fail(const std::exception_ptr& error) {
  set_due(TimePoint::max());
  idle_since_ = 0;
  request().peer = peer_;
  request().is_encrypted = socket_.is_encrypted();
  respond(dispatcher_.refuse(request(), error), Stage::lingering);
}

// Sends what the socket takes at once. That is all of the answer, unless the client does not read.
void Connection::fail_without_memory() noexcept {
  static const Request kNoRequest;
  std::array<char, kNoMemoryAnswerBytes> buffer;
  const std::string_view bytes = no_memory_answer(request_ ? *request_ : kNoRequest, buffer);
  std::size_t sent = 0;
  socket_.send(bytes, {}, sent);
  idle_since_ = 0;
  reader_.clear();
  body_.reset();
  forget_request();
  share_.release();
  stage_ = Stage::lingering;
  linger();
}

void Connection::respond(const Response& response, Stage next) {
  const bool is_chunked = !head_.is_version_1_0 && !response.stream_bytes;
  if (response.stream && head_.is_version_1_0 && !response.stream_bytes) next = Stage::lingering;
  const bool is_head = request().method == "HEAD";
  std::unique_ptr<Outgoing::Stream> stream;
  if (response.stream && !is_head) {
    try {
      stream = open_stream(response.stream, request().id, is_chunked);
    } catch (const std::system_error&) {
      return fail(no_room());
    }
  }
  out_.set(response_head(response, next == Stage::lingering ? After::close : After::keep_alive,
                         !head_.is_version_1_0),
           is_head || has_no_body(response.status) ? nullptr : response.body, std::move(stream));
  stage_ = Stage::sending;
  after_sending_ = next;
  reader_.clear();
  body_.reset();
  forget_request();
}

void Connection::forget_request() noexcept {
  request_.reset();
  request_bytes_ = 0;
}

// Of a stream at most kStreamedAtOnce: a client that takes as fast as it is given would keep the thread else.
Connection::Progress Connection::send() {
  const std::uint64_t before = out_.given();
  for (;;) {
    const Outgoing::Sent sent = out_.flush(socket_, given_at_once());
    if (sent == Outgoing::Sent::nothing) return Progress::gone;
    if (sent == Outgoing::Sent::some) return Progress::blocked;
    if (!out_.is_streaming()) return Progress::done;
    // The time that the next piece takes to be made is none of the client's.
    if (pace_) share_.release();
    pace_.reset();
    set_due(TimePoint::max());
    const Outgoing::Stream& stream = *out_.stream();
    if (stream.ready) stream.ready->clear();  // before the look: what comes after it sets it again
    auto piece = dispatcher_.next_piece(*stream.body, stream.request_id);
    now_ = steady_clock::now();
    if (!piece) return Progress::gone;
    assert((stream.ready || piece->is_last || !piece->bytes.empty()) && "it has nothing, and does not wait");
    const bool is_late = piece->bytes.empty() && !piece->is_last && stream.ready;
    if (is_late && !stopping_) return Progress::late;
    if (is_late) piece->is_last = true;
    out_.add_piece(std::move(*piece));
    if (out_.given() - before > kStreamedAtOnce) return Progress::blocked;
  }
}

void Connection::after_sending() {
  now_ = steady_clock::now();  // answering takes its time
  if (pace_) share_.release();
  out_.clear();
  pace_.reset();
  is_sending_ = false;
  stage_ = after_sending_;
  if (stage_ == Stage::lingering) linger();
}

// Shuts the sending side and lets the client finish, so that it gets to read the answer.
void Connection::linger() {
  socket_.end_sending();
  set_due(now_ + kLingerTimeout);
}

}  // namespace aforro::http

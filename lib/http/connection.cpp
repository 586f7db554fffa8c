#include "http/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>

#include "http/fields.h"
#include "http/no_memory.h"
#include "http/problem_document.h"

namespace aforro::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kSendTimeout{30'000};
constexpr milliseconds kLingerTimeout{2'000};
constexpr std::size_t kLingerBytes = 16 * 1024 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// The address at the other end; empty if that can't be told.
std::string peer_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  const void* bytes = nullptr;
  if (address.ss_family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr;
  if (address.ss_family == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (bytes == nullptr) return {};
  return ::inet_ntop(address.ss_family, bytes, text.data(), text.size()) == nullptr ? "" : text.data();
}

}  // namespace

Connection::Connection(int socket, const Dispatcher& dispatcher, const TransportOptions& options,
                       const std::atomic<bool>& stopping)
    : socket_(socket),
      dispatcher_(dispatcher),
      options_(options),
      stopping_(stopping),
      peer_(peer_of(socket)),
      now_(steady_clock::now()),
      due_((now_ + options.idle_timeout).time_since_epoch().count()),
      idle_since_(now_.time_since_epoch().count()) {}

Connection::~Connection() { ::close(socket_); }

std::optional<Connection::TimePoint> Connection::idle_since() const {
  const TimePoint::rep since = idle_since_;
  if (since == 0) return std::nullopt;
  return TimePoint(TimePoint::duration(since));
}

// Either end of the conversation that is shut makes the socket ready, so that a thread comes to look. What
// has arrived by then can still be read.
void Connection::interrupt() const { ::shutdown(socket_, is_sending_ ? SHUT_RDWR : SHUT_RD); }

void Connection::cut() const { ::shutdown(socket_, SHUT_RDWR); }

void Connection::refuse(const HttpError& error) {
  try {
    fail(error);
  } catch (const std::bad_alloc&) {
    fail_without_memory();
  }
}

Connection::Next Connection::advance(std::span<char> buffer) {
  now_ = steady_clock::now();
  try {
    return go_on(buffer);
  } catch (const std::bad_alloc&) {
    // Behind the beginning of an answer nothing else can be said.
    if (stage_ == Stage::sending || stage_ == Stage::lingering) return Next::close;
  }
  fail_without_memory();
  return Next::read;
}

Connection::Next Connection::go_on(std::span<char> buffer) {
  bool is_late = now_ >= due();
  const std::string before = std::move(unread_);
  unread_.clear();
  std::string_view unread = before;
  bool may_have_more = true;
  // Bytes that trickle in don't put it off.
  if (is_late && stage_ == Stage::lingering) return Next::close;
  if (is_late && (stage_ == Stage::body || (stage_ == Stage::head && !is_idle()))) end_of_input(is_late);
  for (;;) {
    if (stage_ == Stage::sending) {
      const Sent sent = flush();
      if (sent == Sent::all) {
        after_sending();
        continue;
      }
      if (sent == Sent::nothing || (is_late && sending_waits_)) return Next::close;
      unread_ = unread;
      if (!sending_waits_) set_due(now_ + kSendTimeout);
      sending_waits_ = true;
      is_sending_ = true;
      return Next::write;
    }
    if (unread.empty()) {
      if (!may_have_more) return wait_for_client(is_late);
      const Received received = receive(buffer, unread);
      if (received == Received::nothing_yet) return wait_for_client(is_late);
      if (received == Received::end && (is_idle() || stage_ == Stage::lingering)) return Next::close;
      if (received == Received::end) end_of_input(is_late);
      is_late = false;
      // A buffer that was not filled has emptied the socket; whatever comes later makes it ready again.
      may_have_more = unread.size() == buffer.size();
      continue;
    }
    try {
      unread.remove_prefix(take(unread));
    } catch (const HttpError& error) {
      fail(error);
    }
    if (lingered_ > kLingerBytes) return Next::close;
  }
}

Connection::Next Connection::wait_for_client(bool is_late) {
  if (is_idle()) {
    // In this order: whoever stops the transport sets the one and then looks for the other.
    if (idle_since_ == 0) {
      set_due(now_ + options_.idle_timeout);
      idle_since_ = now_.time_since_epoch().count();
    } else if (is_late) {
      return Next::close;
    }
    if (stopping_) return Next::close;
  }
  return Next::read;
}

Connection::Received Connection::receive(std::span<char> buffer, std::string_view& bytes) const {
  for (;;) {
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) {
      bytes = {buffer.data(), static_cast<std::size_t>(got)};
      return Received::bytes;
    }
    if (got < 0 && errno == EINTR) continue;
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? Received::nothing_yet : Received::end;
  }
}

// Takes up what is part of the present stage and says how many bytes that were.
std::size_t Connection::take(std::string_view bytes) {
  if (stage_ == Stage::lingering) {
    lingered_ += bytes.size();
    return bytes.size();
  }
  if (stage_ == Stage::body) {
    const std::size_t used = body_->feed(bytes);
    if (body_->is_complete()) answer();
    return used;
  }
  if (is_idle()) {
    idle_since_ = 0;
    set_due(now_ + options_.request_timeout);
    request_.peer = peer_;
  }
  const std::size_t used = reader_.feed(bytes);
  if (reader_.is_complete()) begin_body();
  return used;
}

void Connection::begin_body() {
  head_ = parse_head(reader_.head(), request_);
  body_.emplace(head_.framing);
  stage_ = Stage::body;
  if (body_->is_complete()) {
    answer();
  } else if (same_word(request_.header("Expect").value_or(""), "100-continue")) {
    out_head_ = kContinue;
    stage_ = Stage::sending;
    after_sending_ = Stage::body;
  }
}

// The client sends no more, or not in time.
void Connection::end_of_input(bool is_late) {
  if (is_late) {
    fail(HttpError(408, stage_ == Stage::body ? "The body did not arrive in time."
                                              : "The headers did not arrive in time."));
  } else {
    fail(HttpError(400, stage_ == Stage::body ? "The body ended before it was complete."
                                              : "The request ended before it was complete."));
  }
}

void Connection::answer() {
  set_due(TimePoint::max());
  request_.body = body_->take();
  const Response response = dispatcher_.handle(request_);
  respond(response, head_.wants_close || stopping_ ? After::close : After::keep_alive);
}

// Where the next request would begin is not known.
void Connection::fail(const HttpError& error) {
  set_due(TimePoint::max());
  idle_since_ = 0;
  request_.peer = peer_;
  respond(dispatcher_.refuse(request_, error), After::close);
}

// At once and as far as the socket takes it, which is whole but for a client that does not read.
void Connection::fail_without_memory() noexcept {
  std::array<char, kNoMemoryAnswerBytes> buffer;
  const std::string_view bytes = no_memory_answer(request_, buffer);
  [[maybe_unused]] const ssize_t sent =
      ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  idle_since_ = 0;
  reader_.clear();
  body_.reset();
  request_ = Request();
  stage_ = Stage::lingering;
  linger();
}

void Connection::respond(const Response& response, After after) {
  out_head_ = response_head(response, after);
  const bool has_body = response.body && request_.method != "HEAD" && !has_no_body(response.status);
  out_body_ = has_body ? response.body : nullptr;
  stage_ = Stage::sending;
  after_sending_ = after == After::keep_alive ? Stage::head : Stage::lingering;
  reader_.clear();
  body_.reset();
  request_ = Request();
}

Connection::Sent Connection::flush() {
  const std::string_view body = out_body_ ? std::string_view(*out_body_) : std::string_view();
  const std::size_t size = out_head_.size() + body.size();
  while (sent_ < size) {
    const std::string_view head_left = std::string_view(out_head_).substr(std::min(sent_, out_head_.size()));
    const std::string_view body_left = body.substr(sent_ - (out_head_.size() - head_left.size()));
    // sendmsg() only reads through these.
    std::array<iovec, 2> parts{iovec{const_cast<char*>(head_left.data()), head_left.size()},
                               iovec{const_cast<char*>(body_left.data()), body_left.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = body_left.empty() ? 1 : 2;
    const ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      sent_ += static_cast<std::size_t>(sent);
    } else if (errno != EINTR) {
      return errno == EAGAIN || errno == EWOULDBLOCK ? Sent::some : Sent::nothing;
    }
  }
  return Sent::all;
}

void Connection::after_sending() {
  now_ = steady_clock::now();  // answering takes its time
  out_head_.clear();
  out_body_.reset();
  sent_ = 0;
  sending_waits_ = false;
  is_sending_ = false;
  stage_ = after_sending_;
  if (stage_ == Stage::lingering) linger();
}

// Says that no more comes and lets the client finish sending, so that it gets to read the answer.
void Connection::linger() {
  ::shutdown(socket_, SHUT_WR);
  set_due(now_ + kLingerTimeout);
}

}  // namespace aforro::http

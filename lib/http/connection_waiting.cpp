// What other threads ask of a connection and tell it while it waits, how long it may wait, and what it holds.
#include <sys/socket.h>

#include <algorithm>

#include "http/connection.h"

namespace aforro::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

void drop(std::string& text) { std::string().swap(text); }  // an assignment would keep its memory

}  // namespace

std::optional<Connection::TimePoint> Connection::idle_since() const {
  const TimePoint::rep since = idle_since_;
  if (since == 0) return std::nullopt;
  return TimePoint(TimePoint::duration(since));
}

// Shutting either direction makes the socket ready in the epoll set, so that a worker comes to look. What has
// arrived by then can still be read.
void Connection::interrupt() const { ::shutdown(socket_.descriptor(), is_sending_ ? SHUT_RDWR : SHUT_RD); }

void Connection::wake() const { out_.stream()->ready->set(); }

void Connection::cut() const { ::shutdown(socket_.descriptor(), SHUT_RDWR); }

bool Connection::is_overdue(TimePoint now) {
  if (now < due()) return false;
  if (is_listening_) {
    set_due(now + options_.listener_check);
    return socket_.has_left();
  }
  if (!pace_ || !pace_->keeps_up(now, taken_by_client())) return true;
  set_due(pace_->look_again_at());
  return false;
}

std::optional<Connection::TimePoint> Connection::slow_since(TimePoint now) const {
  const bool is_receiving =
      stage_ == Stage::body || stage_ == Stage::leftover || (stage_ == Stage::head && idle_since_ == 0);
  if (!pace_ && !is_receiving) return std::nullopt;
  const TimePoint since = pace_ ? pace_->began_at() : request_began_;
  const std::uint64_t bytes = pace_ ? taken_since(pace_->taken_before()) : received_;
  const double seconds = std::chrono::duration<double>(now - since).count();
  if (static_cast<double>(bytes) >= static_cast<double>(options_.least_body_rate) * seconds)
    return std::nullopt;
  return since;
}

void Connection::give_up() {
  set_due(steady_clock::now());
  interrupt();
}

void Connection::let_go() noexcept {
  const bool is_head = request_ && request_->method == "HEAD";  // the refusal must know
  drop(unread_);
  reader_.clear();
  if (request_) *request_ = Request();
  if (is_head) request_->method = "HEAD";
  request_bytes_ = 0;
  body_.reset();
  out_.let_go();
  interrupt();
}

std::size_t Connection::own_bytes() const {
  return unread_.capacity() + reader_.held_bytes() + request_bytes_ + (body_ ? body_->held_bytes() : 0) +
         out_.own_bytes();
}

std::uint64_t Connection::taken_by_client() const {
  return out_.given() - std::min(out_.given(), socket_.unacknowledged());
}

// The request timeout is for the head and for a body that comes at once. Each byte of a body that has come
// earns more time, so that a large body may come slowly, while one that trickles in is given up.
Connection::TimePoint Connection::request_due() const {
  const std::size_t earned_ms = (body_ ? body_->size() : 0) * 1'000 / options_.least_body_rate;
  return request_began_ + options_.request_timeout + milliseconds(earned_ms);
}

}  // namespace aforro::http

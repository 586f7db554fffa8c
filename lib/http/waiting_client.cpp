#include "http/waiting_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/problem.h"

namespace aforro::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLingerTimeout{2'000};
constexpr std::size_t kLingerBytes = 16 * 1024 * 1024;
constexpr std::size_t kCountedAtOnce = 64 * 1024;  // of a body: most are whole before the first

Problem no_room() { return Problem::unavailable("The server holds too much for its clients just now."); }

// False if it is not ready by then.
bool wait(int descriptor, short events, steady_clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    pollfd one{.fd = descriptor, .events = events, .revents = 0};
    const int ready =
        ::poll(&one, 1, static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 60'000)));
    if (ready > 0) return true;
    if ((ready == 0 && steady_clock::now() >= until) || (ready < 0 && errno != EINTR)) return false;
  }
}

}  // namespace

WaitingClient::WaitingClient(Descriptor&& socket, const TransportOptions& options, HeldBytes& all_held)
    : options_(options),
      descriptor_(socket.get()),
      peer_(ClientSocket::peer_of(socket.get())),
      socket_(std::move(socket), options.tls == nullptr ? nullptr : options.tls->open(descriptor_)),
      share_(all_held, *this) {}

bool WaitingClient::shake_hands() {
  const auto until = steady_clock::now() + options_.request_timeout;
  for (;;) {
    switch (socket_.shake_hands()) {
      case TlsSession::Result::done:
        return true;
      case TlsSession::Result::wants_read:
        if (!wait(descriptor_, POLLIN, until)) return false;
        break;
      case TlsSession::Result::wants_write:
        if (!wait(descriptor_, POLLOUT, until)) return false;
        break;
      case TlsSession::Result::ended:
        return false;
      case TlsSession::Result::failed:  // its client shall get to read why
        linger();
        return false;
    }
  }
}

bool WaitingClient::wait_for_request() {
  is_late_ = false;
  if (unread_.empty() && !fill(steady_clock::now() + options_.idle_timeout)) return false;
  request_began_ = steady_clock::now();
  received_ = 0;
  held_ = 0;
  counted_ = 0;
  return true;
}

std::string_view WaitingClient::wait_for_bytes() {
  if (unread_.empty()) fill(due());
  return unread_;
}

void WaitingClient::take(std::size_t count) {
  unread_.remove_prefix(count);
  received_ += count;
}

// The request timeout is for the head and a body that comes at once; each byte earns a little more, so that a
// large body may come slowly.
WaitingClient::TimePoint WaitingClient::due() const {
  return request_began_ + options_.request_timeout +
         milliseconds(received_ * 1'000 / options_.least_body_rate);
}

bool WaitingClient::fill(TimePoint until) {
  for (;;) {
    const ClientSocket::Received received = socket_.receive(buffer_, unread_);
    if (received == ClientSocket::Received::bytes) return true;
    unread_ = {};
    if (received == ClientSocket::Received::end) return false;
    if (wait_to_receive(until)) continue;
    is_late_ = true;
    return false;
  }
}

bool WaitingClient::wait_to_receive(TimePoint until) {
  const short events = socket_.awaits_write() ? POLLOUT : POLLIN;
  if (held_ == 0) return wait(descriptor_, events, until);
  count_held();
  share_.wait();
  const bool is_ready = wait(descriptor_, events, until);
  if (!share_.take()) throw no_room();
  return is_ready;
}

void WaitingClient::hold(std::size_t bytes) {
  held_ = bytes;
  if (held_ > counted_ + kCountedAtOnce) count_held();
}

void WaitingClient::count_held() {
  counted_ = held_;
  if (!share_.collect(held_, request_began_, steady_clock::now())) throw no_room();
}

void WaitingClient::hold_answer(std::shared_ptr<const std::string> answer) {
  held_ = 0;
  share_.release();
  answer_ = std::move(answer);
}

// What it holds is freed by its own thread, as soon as that has woken.
void WaitingClient::let_go() noexcept { ::shutdown(descriptor_, is_sending_ ? SHUT_RDWR : SHUT_RD); }

bool WaitingClient::write(std::string_view bytes) {
  std::optional<SendPace> pace;
  const auto taken = [&] { return given_ - std::min(given_, socket_.unacknowledged()); };
  while (!bytes.empty() && !is_gone_) {
    std::size_t sent = 0;
    const std::size_t at_once = peer_ == kUnixPeer ? kUnixPieceBytes : bytes.size();
    const ClientSocket::Sent result = socket_.send(bytes.substr(0, at_once), {}, sent);
    bytes.remove_prefix(sent);
    given_ += sent;
    if (result == ClientSocket::Sent::gone) is_gone_ = true;
    if (result != ClientSocket::Sent::blocked) continue;
    if (!pace) pace.emplace(options_.send_pace, steady_clock::now(), taken());
    is_sending_ = true;
    share_.send(unread_.size() + (answer_ ? 0 : bytes.size()), answer_, pace->began_at(),
                steady_clock::now());
    wait(descriptor_, POLLOUT, pace->look_again_at());
    is_gone_ = !share_.take();
    const auto now = steady_clock::now();
    if (now >= pace->look_again_at() && !pace->keeps_up(now, taken())) is_gone_ = true;
  }
  if (pace) share_.release();
  is_sending_ = false;
  return !is_gone_;
}

bool WaitingClient::wait_for(const Event& ready, const Event& stop) const {
  for (;;) {
    std::array<pollfd, 3> waited{pollfd{.fd = ready.descriptor(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = stop.descriptor(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = descriptor_, .events = 0, .revents = 0}};
    ::poll(waited.data(), waited.size(), static_cast<int>(options_.listener_check.count()));
    if (waited[1].revents != 0 || socket_.has_left()) return false;
    if (waited[0].revents != 0) return true;
  }
}

void WaitingClient::break_off() {
  is_gone_ = true;
  socket_.reset_when_closed();
}

void WaitingClient::linger() {
  if (is_gone_) return;
  socket_.end_sending();
  const auto until = steady_clock::now() + kLingerTimeout;
  for (std::size_t lingered = unread_.size(); lingered < kLingerBytes && fill(until);) {
    lingered += unread_.size();
    if (steady_clock::now() >= until) return;
  }
}

}  // namespace aforro::http

#include "redis/link.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/blocking.h"

namespace aforro::redis {
namespace {

constexpr const char* kSilent = "it does not answer in time";

std::string words_of(int error) { return std::generic_category().message(error); }

// False once the time is over.
bool wait_for(int descriptor, short events, Instant until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd ready{.fd = descriptor, .events = events, .revents = 0};
    const int count = ::poll(&ready, 1, static_cast<int>(left.count()));
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) return true;  // the call that follows says what is wrong
  }
}

}  // namespace

std::unique_ptr<Link> Link::open(const Endpoint& endpoint, Instant until, std::string& why,
                                 const Encryption* encryption) {
  Descriptor socket(::socket(endpoint.bytes.ss_family, SOCK_STREAM, 0));
  if (socket.get() < 0) {
    why = words_of(errno);
    return nullptr;
  }
  ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
  ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  int error = 0;
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&endpoint.bytes), endpoint.size) != 0) {
    error = errno;
    if (error == EINPROGRESS) {
      about_to_block();
      if (!wait_for(socket.get(), POLLOUT, until)) {
        why = "the connection is not taken in time";
        return nullptr;
      }
      socklen_t size = sizeof error;
      if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    }
  }
  if (error != 0) {
    why = words_of(error);
    return nullptr;
  }
  std::unique_ptr<Link> link(new Link(std::move(socket)));
  if (encryption == nullptr) return link;
  link->tls_ = encryption->authorities.open(link->descriptor(), encryption->host);
  if (link->shake_hands(until)) return link;
  why = link->why();
  return nullptr;
}

bool Link::shake_hands(Instant until) {
  for (;;) {
    const TlsSession::Result result = tls_->shake_hands();
    if (result == TlsSession::Result::done) return true;
    if (result == TlsSession::Result::failed) return fail("TLS: " + tls_->fault());
    if (goes_on(result, until)) continue;
    // A Redis that speaks none waits for the end of what it takes for a command.
    if (why_ == kSilent) why_ = "TLS: it does not answer in time, as one that does not speak it";
    return false;
  }
}

Link::Moved Link::put(std::string_view bytes) {
  Moved moved;
  if (tls_) {
    moved.result = tls_->write(bytes, moved.bytes);
    return moved;
  }
  const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent > 0) {
    moved.bytes = static_cast<std::size_t>(sent);
  } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
    moved.result = TlsSession::Result::wants_write;
  } else if (errno != EINTR) {
    moved.result = TlsSession::Result::failed;
  }
  return moved;
}

Link::Moved Link::get() {
  Moved moved;
  if (tls_) {
    moved.result = tls_->read(buffer_, moved.bytes);
    return moved;
  }
  const ssize_t got = ::recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
  if (got > 0) {
    moved.bytes = static_cast<std::size_t>(got);
  } else if (got == 0) {
    moved.result = TlsSession::Result::ended;
  } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
    moved.result = TlsSession::Result::wants_read;
  } else if (errno != EINTR) {
    moved.result = TlsSession::Result::failed;
  }
  return moved;
}

bool Link::goes_on(TlsSession::Result result, Instant until) {
  switch (result) {
    case TlsSession::Result::done:
      return true;
    case TlsSession::Result::wants_read:
      return wait(POLLIN, until);
    case TlsSession::Result::wants_write:
      return wait(POLLOUT, until);
    case TlsSession::Result::ended:
      is_closed_ = true;
      return fail("it has closed the connection");
    case TlsSession::Result::failed:
      break;
  }
  is_closed_ = true;
  return fail(tls_ ? "TLS: " + tls_->fault() : words_of(errno));
}

bool Link::fail(std::string why) {
  if (why_.empty()) why_ = std::move(why);
  return false;
}

bool Link::wait(short events, Instant until) {
  about_to_block();
  return wait_for(socket_.get(), events, until) || fail(kSilent);
}

bool Link::send(Words words, Instant until) {
  if (!why_.empty()) return false;
  const std::string command = written(words);
  for (std::string_view rest = command; !rest.empty();) {
    const Moved moved = put(rest);
    rest.remove_prefix(moved.bytes);
    if (moved.bytes == 0 && !goes_on(moved.result, until)) return false;
  }
  return true;
}

std::optional<Reply> Link::receive(Instant until) {
  if (!why_.empty()) return std::nullopt;
  Reply reply;
  for (;;) {
    switch (reader_->next(reply)) {
      case ReplyReader::State::complete:
        return reply;
      case ReplyReader::State::broken:
        fail("what it answers is not Redis's protocol");
        return std::nullopt;
      case ReplyReader::State::incomplete:
        break;
    }
    const Moved moved = get();
    if (moved.bytes == 0) {
      if (!goes_on(moved.result, until)) return std::nullopt;
      continue;
    }
    reader_->feed({buffer_.data(), moved.bytes});
    // One that drips is not waited for longer than one that is silent.
    if (std::chrono::steady_clock::now() < until) continue;
    if (reader_->next(reply) == ReplyReader::State::complete) return reply;
    fail(kSilent);
    return std::nullopt;
  }
}

std::optional<Reply> Link::received() {
  Reply reply;
  if (!why_.empty() || reader_->next(reply) != ReplyReader::State::complete) return std::nullopt;
  return reply;
}

std::optional<Reply> Link::ask(Words words, Instant until) {
  if (!send(words, until)) return std::nullopt;
  return receive(until);
}

bool Link::is_quiet() const {
  pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  return why_.empty() && ::poll(&ready, 1, 0) == 0 && !(tls_ && tls_->has_pending());
}

}  // namespace aforro::redis

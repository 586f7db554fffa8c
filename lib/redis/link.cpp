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

std::unique_ptr<Link> Link::open(const Endpoint& endpoint, Instant until, std::string& why) {
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
  if (error == 0) return std::unique_ptr<Link>(new Link(std::move(socket)));
  why = words_of(error);
  return nullptr;
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
    const ssize_t sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait(POLLOUT, until)) return false;
    } else if (errno != EINTR) {
      is_closed_ = true;
      return fail(words_of(errno));
    }
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
    const ssize_t got = ::recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
    if (got > 0) {
      reader_->feed({buffer_.data(), static_cast<std::size_t>(got)});
      // One that drips is not waited for longer than one that is silent.
      if (std::chrono::steady_clock::now() < until) continue;
      if (reader_->next(reply) == ReplyReader::State::complete) return reply;
      fail(kSilent);
      return std::nullopt;
    }
    if (got == 0) {
      is_closed_ = true;
      fail("it has closed the connection");
      return std::nullopt;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait(POLLIN, until)) return std::nullopt;
    } else if (errno != EINTR) {
      is_closed_ = true;
      fail(words_of(errno));
      return std::nullopt;
    }
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
  return why_.empty() && ::poll(&ready, 1, 0) == 0;
}

}  // namespace aforro::redis

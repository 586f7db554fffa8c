// One connection to a Redis: commands and their answers, none of which is waited for longer than its caller
// says, however it comes in pieces. What fails is returned, not thrown: a Redis that is away is no fault of
// the program. Used by one thread at a time.
#pragma once

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/tls_session.h"
#include "redis/reply.h"
#include "redis/tls.h"

namespace aforro::redis {

using Instant = std::chrono::steady_clock::time_point;
using Words = std::initializer_list<std::string_view>;

// Of one machine, as the system resolved its name.
struct Endpoint {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

// By TLS, and who must be at the other end.
struct Encryption {
  const TlsAuthorities& authorities;
  std::string host;
};

class Link {
 public:
  // Null, with why, if nobody takes the connection in time, or somebody else than is wanted.
  static std::unique_ptr<Link> open(const Endpoint& endpoint, Instant until, std::string& why,
                                    const Encryption* encryption = nullptr);

  // Sends one command and returns its answer. Nothing if it has not come whole in time, or never will: then
  // the link is of no use any more, and why() says what was wrong.
  std::optional<Reply> ask(Words words, Instant until);

  // The two halves of that, for answers that come unasked.
  bool send(Words words, Instant until);
  std::optional<Reply> receive(Instant until);
  // One that has come already, behind the last; nothing if there is none.
  std::optional<Reply> received();

  const std::string& why() const { return why_; }
  // The other end has closed it, rather than kept silent: another connection may do.
  bool is_closed() const { return is_closed_; }
  // Nothing has come unasked, its end neither: it can be used again.
  bool is_quiet() const;
  int descriptor() const { return socket_.get(); }

 private:
  explicit Link(Descriptor socket) : socket_(std::move(socket)), reader_(make_reader()) {}

  // What some bytes came to, and how many of them.
  struct Moved {
    TlsSession::Result result = TlsSession::Result::done;
    std::size_t bytes = 0;
  };
  Moved put(std::string_view bytes);
  Moved get();
  bool shake_hands(Instant until);
  // After a step that moved nothing: whether it may be tried again now.
  bool goes_on(TlsSession::Result result, Instant until);
  bool wait(short events, Instant until);
  bool fail(std::string why);

  Descriptor socket_;
  std::unique_ptr<TlsSession> tls_;  // null: nothing is encrypted
  std::unique_ptr<ReplyReader> reader_;
  std::array<char, std::size_t{64} * 1024> buffer_;
  std::string why_;
  bool is_closed_ = false;
};

}  // namespace aforro::redis

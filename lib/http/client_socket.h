// The socket of a client, which is never waited for. Closed with this object. Safe from any thread, as far as
// the system is: a thread that only shuts it needs no lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "http/tls.h"

namespace aforro::http {

// A Unix socket keeps what it is given at once, up to 36 KB, as one piece, and tells that its client has read
// a piece when all of it has been read. A client that takes 1 KB a second must be seen to do so several times
// a minute (send_pace.h), so it is given no more than this at once.
inline constexpr std::size_t kUnixPieceBytes = 16 * 1024;

class ClientSocket {
 public:
  // Takes over a connected socket, which need not be non-blocking; encrypted if there is a session.
  explicit ClientSocket(Descriptor&& descriptor, std::unique_ptr<TlsSession> tls = nullptr) noexcept;
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;
  ~ClientSocket();

  int descriptor() const { return descriptor_.get(); }

  // The address at the other end, kUnixPeer on a Unix socket; empty if that can't be told.
  static std::string peer_of(int descriptor);

  bool is_encrypted() const { return tls_ != nullptr; }

  // The handshake, as far as it goes; of one that is not encrypted there is none.
  TlsSession::Result shake_hands();

  enum class Received { bytes, nothing_yet, end };
  // What has arrived, as far as there is room for it in the buffer.
  Received receive(std::span<char> buffer, std::string_view& bytes);
  // Whether there may be more, after so many bytes had come into a buffer of that size. If not, what is still
  // to come makes the socket readable.
  bool may_have_more(std::size_t got, std::size_t room) const;
  // Whether receive() needs to write before it can go on.
  bool awaits_write() const { return awaits_write_; }

  enum class Sent { some, blocked, gone };
  // Gives the system what it takes at once of both, one behind the other. What is blocked must be given
  // again, with more behind it or not.
  Sent send(std::string_view first, std::string_view second, std::size_t& sent);

  // Nothing will be sent any more.
  void end_sending();

  // Whether the client has ended its side, or is gone; of one that has sent something before that, see
  // has_peer_left().
  bool has_left() const;

  // How many of the bytes that were given to the kernel it still holds, because the client has not
  // acknowledged them or, on a Unix socket, not read them. There it is the memory that they take, a little
  // more. 0 where nobody can tell (unacknowledged_bytes()).
  std::uint64_t unacknowledged() const;

  // Once closed, what the client has not taken is dropped, and it is told that something is missing. A Unix
  // socket has no such way: what it was given is read to its end.
  void reset_when_closed();

 private:
  Sent send_encrypted(std::string_view first, std::string_view second, std::size_t& sent);

  const Descriptor descriptor_;
  std::unique_ptr<TlsSession> tls_;
  bool awaits_write_ = false;
  bool is_broken_off_ = false;
  bool has_ended_ = false;  // what still comes is for nobody
};

}  // namespace aforro::http

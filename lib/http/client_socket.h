// The socket of a client, which is never waited for. Closed with this object. Safe from any thread, as far as
// the system is: a thread that only shuts it needs no lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace aforro::http {

class ClientSocket {
 public:
  // Takes over a connected socket, which need not be non-blocking.
  explicit ClientSocket(int descriptor) : descriptor_(descriptor) {}
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;
  ~ClientSocket();

  int descriptor() const { return descriptor_; }

  // The address at the other end; empty if that can't be told.
  std::string peer() const;

  enum class Received { bytes, nothing_yet, end };
  // What has arrived, as far as there is room for it in the buffer.
  Received receive(std::span<char> buffer, std::string_view& bytes) const;

  // Whether the client has ended its side, or is gone, whatever it has sent before that.
  bool has_left() const;

  // How many of the bytes that were given to the kernel it still holds, because the client has not
  // acknowledged them.
  std::uint64_t unacknowledged() const;

  // Once closed, what the client has not taken is dropped, and it is told that something is missing.
  void reset_when_closed() const;

 private:
  const int descriptor_;
};

}  // namespace aforro::http

// A client's socket with a thread of its own that waits for it: for what it sends until its request is due,
// for it to take an answer as long as it keeps its pace (send_pace.h). Used by that thread alone.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/client_socket.h"
#include "http/event.h"
#include "http/transport.h"

namespace aforro::http {

class WaitingClient {
 public:
  // Takes over a connected, non-blocking socket. The options must outlive it.
  WaitingClient(int socket, const TransportOptions& options);
  WaitingClient(const WaitingClient&) = delete;
  WaitingClient& operator=(const WaitingClient&) = delete;

  const std::string& peer() const { return peer_; }
  bool is_encrypted() const { return socket_.is_encrypted(); }

  // Where it is encrypted, before all else. False if there is nobody to talk to.
  bool shake_hands();

  // Waits for the first byte of a request, for the idle timeout at most. False if none came, or the client
  // left.
  bool wait_for_request();

  // What has arrived and was not taken yet, waiting for the first of it while the request is not due. Empty
  // if the client sends no more, or not in time: see is_late().
  std::string_view wait_for_bytes();
  void take(std::size_t count);
  bool is_late() const { return is_late_; }

  // Waits until the system has taken all of it. False if the client is gone or too slow; from then on nothing
  // is written.
  bool write(std::string_view bytes);

  // Waits until `ready` is set. False if the client left, or `stop` was set.
  bool wait_for(const Event& ready, const Event& stop) const;

  // What the client has got is a part, and it shall know.
  void break_off();
  // Else, before the end of a connection: lets the client read its answer although it is still sending
  // (RFC 9112, 9.6).
  void linger();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  bool fill(TimePoint until);
  TimePoint due() const;

  const TransportOptions& options_;
  ClientSocket socket_;
  const int descriptor_;
  const std::string peer_;
  std::array<char, 16 * 1024> buffer_{};
  std::string_view unread_;  // of it
  TimePoint request_began_;
  std::size_t received_ = 0;  // of that request
  bool is_late_ = false;
  bool is_gone_ = false;     // or broken off
  std::uint64_t given_ = 0;  // to the system, ever
};

}  // namespace aforro::http

// A client's socket with a thread of its own that waits for it: for what it sends until its request is due,
// for it to take an answer as long as it keeps its pace (send_pace.h). Used by that thread alone.
//
// What is held while it waits counts towards a bound on all connections together (held_bytes.h). For want of
// room another thread may let this one go: its wait then ends, and a request that was arriving is refused.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/event.h"
#include "http/client_socket.h"
#include "http/held_bytes.h"
#include "http/transport.h"

namespace aforro::http {

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): nothing derives from it
class WaitingClient final : private HeldBytes::Holder {
 public:
  // Takes over a connected, non-blocking socket, unless it throws. All else must outlive it.
  WaitingClient(Descriptor&& socket, const TransportOptions& options, HeldBytes& all_held);
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
  // if the client sends no more, or not in time: see is_late(). Throws Problem (unavailable) if the request
  // is to go, for want of room.
  std::string_view wait_for_bytes();
  void take(std::size_t count);
  bool is_late() const { return is_late_; }

  // So many bytes of the request are held by now. Throws Problem (unavailable) if there is no room for them.
  void hold(std::size_t bytes);
  // In their place an answer, which others may send as well, or none.
  void hold_answer(std::shared_ptr<const std::string> answer);

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

  void let_go() noexcept override;
  bool fill(TimePoint until);
  bool wait_to_receive(TimePoint until);
  void count_held();
  TimePoint due() const;

  const TransportOptions& options_;
  const int descriptor_;
  const std::string peer_;
  ClientSocket socket_;
  std::array<char, 8 * 1024> buffer_;
  std::string_view unread_;  // of it
  TimePoint request_began_;
  std::size_t received_ = 0;  // of that request
  bool is_late_ = false;
  std::size_t held_ = 0;     // of that request, in memory
  std::size_t counted_ = 0;  // of these, with the others'
  std::shared_ptr<const std::string> answer_;
  std::atomic<bool> is_sending_ = false;
  bool is_gone_ = false;     // or broken off
  std::uint64_t given_ = 0;  // to the system, ever
  HeldBytes::Share share_;
};

}  // namespace aforro::http

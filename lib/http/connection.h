// One connection as HTTP/1.1 (RFC 9112) has it: requests are read one after another, strictly and bounded;
// each is given to the dispatcher, and its answer sent, before the next is looked at. A connection on which
// it is in doubt where the next request begins is closed. It never waits for its client: it goes on as far as
// it can and says what it waits for. Used by one thread at a time, but for the methods that say otherwise.
//
// What a connection keeps while it waits for its client counts towards a bound on all connections together.
// For want of room any thread may tell it to free all of it; it then refuses the request that was arriving,
// or closes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "http/body_decoder.h"
#include "http/client_socket.h"
#include "http/dispatcher.h"
#include "http/head_reader.h"
#include "http/held_bytes.h"
#include "http/outgoing.h"
#include "http/request_head.h"
#include "http/response_head.h"
#include "http/send_pace.h"
#include "http/transport.h"

namespace aforro::http {

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): nothing derives from it
class Connection final : private HeldBytes::Holder {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // Takes over a socket, which need not be non-blocking; if it throws std::bad_alloc, the socket is the
  // caller's as before. All else must outlive it. Once `stopping` is set, the next answer is the last.
  Connection(Descriptor&& socket, const Dispatcher& dispatcher, const TransportOptions& options,
             HeldBytes& all_held, const std::atomic<bool>& stopping);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  int socket() const { return socket_.descriptor(); }

  // While it waits for that: readable once it is there.
  int ready() const { return out_.stream()->ready->descriptor(); }

  // Where it is encrypted, before all else: the handshake, as far as it goes. Once it is done, and where it
  // failed, advance() goes on; it may have something to read although the socket has not.
  enum class Handshake { read, write, done, close };
  Handshake shake_hands();

  // Answers the client with a refusal before it has asked for anything; goes on by advance().
  void refuse(const Problem& error);

  // ready: until what its client has asked for is there (ready()); the client is not looked at meanwhile.
  enum class Next { read, write, ready, close };
  // Reads, answers and sends until it would have to wait for the client, and says what for. What it reads
  // goes through `buffer`, which is free again when it returns.
  Next advance(std::span<char> buffer);

  // From any thread: when it may have waited too long; never, while a request is being answered.
  TimePoint due() const { return TimePoint(TimePoint::duration(due_.load())); }

  // Whether it has waited too long by now. A client that takes its answer at its pace is given more time.
  bool is_overdue(TimePoint now);

  // Since when its client has been sending or taking less than `least_body_rate` asks for; nothing if it
  // waits for no client, or for one that is fast enough.
  std::optional<TimePoint> slow_since(TimePoint now) const;

  // Makes it overdue, and lets it notice.
  void give_up();

  // From any thread: whether it waits for something to happen, for a client that may wait for ever.
  bool is_listening() const { return is_listening_; }

  // From any thread: since when it has waited for a request to begin; nothing if it hasn't.
  std::optional<TimePoint> idle_since() const;

  // From any thread, while it waits for its client: lets it notice at once that it is overdue, or that no
  // further request is wanted.
  void interrupt() const;

  // While it listens, from the thread that would go on with it: lets it look anew.
  void wake() const;

  // From any thread: cuts the connection off at once, also in the middle of an answer.
  void cut() const;

 private:
  // A body that is left over belongs to a request that was answered by its head.
  enum class Stage { head, body, sending, leftover, lingering };

  Next go_on(std::span<char> buffer, bool was_let_go);
  Next wait_for_request(bool is_late);
  bool wait_for_rest();
  void listen(std::string_view unread);
  void wait_to_send(std::string_view unread);
  std::size_t take(std::string_view bytes);
  void begin_body();
  bool may_go_on_behind(const Framing& framing) const;
  void end_of_input(bool is_late);
  void answer();
  void fail(const Problem& error) { fail(std::make_exception_ptr(error)); }
  void fail(const std::exception_ptr& error);
  void fail_without_memory() noexcept;
  void respond(const Response& response, Stage next);
  Request& request();
  void forget_request() noexcept;
  enum class Progress { done, late, blocked, gone };
  Progress send();
  void after_sending();
  void linger();
  void let_go() noexcept override;
  std::size_t own_bytes() const;
  std::uint64_t taken_by_client() const;
  std::uint64_t taken_since(std::uint64_t before) const {
    const std::uint64_t taken = taken_by_client();
    return taken < before ? 0 : taken - before;  // see ClientSocket::unacknowledged()
  }
  std::size_t given_at_once() const { return peer_ == kUnixPeer ? kUnixPieceBytes : SIZE_MAX; }
  TimePoint request_due() const;
  // Behind the beginning of an answer nothing else can be said.
  bool is_answered() const { return stage_ != Stage::head && stage_ != Stage::body; }
  bool is_idle() const { return stage_ == Stage::head && !reader_.has_begun(); }
  void set_due(TimePoint due) { due_ = due.time_since_epoch().count(); }

  const Dispatcher& dispatcher_;
  const TransportOptions& options_;
  const std::atomic<bool>& stopping_;
  const std::string peer_;
  TimePoint now_;  // when the present advance() began

  Stage stage_ = Stage::head;
  std::string unread_;  // arrived behind a request that is still being answered
  HeadReader reader_;
  std::unique_ptr<Request> request_;  // none while it is idle: most connections are
  RequestHead head_;
  std::optional<BodyDecoder> body_;
  TimePoint request_began_;
  std::size_t received_ = 0;       // of it
  std::size_t request_bytes_ = 0;  // that request_ takes while its body arrives
  std::size_t counted_ = 0;        // that the share knows of

  Outgoing out_;
  Stage after_sending_ = Stage::head;
  std::unique_ptr<SendPace> pace_;  // while it waits
  std::size_t lingered_ = 0;        // bytes thrown away

  std::atomic<TimePoint::rep> due_;
  std::atomic<TimePoint::rep> idle_since_;  // 0: not idle
  std::atomic<bool> is_sending_ = false;    // and waits for that
  std::atomic<bool> is_listening_ = false;  // and waits for a piece

  HeldBytes::Share share_;
  ClientSocket socket_;  // made last: what fails before leaves the caller its own
};

}  // namespace aforro::http

// How the threads share the connections. Every connection is in one epoll set with EPOLLONESHOT, so its
// readiness is reported to exactly one worker. From then on the connection is that worker's alone: it goes on
// with it as far as that goes (see connection.h) and arms it again, or removes it. Only that worker may
// remove it, so no thread ever holds a connection that is gone, and no queue stands between the socket and
// the thread that answers.
//
// A set for each thread, with connections bound to threads, would need no sharing. But a worker that waits
// for a commit would then hold up every other connection of its own (head-of-line blocking).
//
// Where all is encrypted, a handshake costs as much as a hundred listings. So those are in a set of their own
// with one thread, and take no turn from requests; a connection comes to the others when its is done.
//
// The thread in run() accepts clients and sweeps. It never touches the state of a connection that a worker
// has. One that is overdue, or is to make room, gets its socket shut down; that makes it ready, and a worker
// does the rest.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <iterator>
#include <list>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "base/event.h"
#include "base/mutex.h"
#include "http/connection.h"
#include "http/held_bytes.h"
#include "http/listener.h"
#include "http/no_memory.h"
#include "http/transport.h"
#include "http/worker_pool.h"

namespace aforro::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kBufferBytes = 16 * 1024;
constexpr std::size_t kTurnsPerProcessor = 2;
constexpr std::size_t kMaxTurns = kReservedThreads / 2;  // so that an added one finds a thread too
constexpr milliseconds kTick{20};                        // while there is something to do
constexpr milliseconds kSweepEvery{200};                 // for those that are overdue
constexpr std::size_t kRefusedAtOnce = 64;               // one more is closed without a word
constexpr std::size_t kEvictedAtLeast = 64;
constexpr std::size_t kAcceptedAtLast = 1024;  // as many as the system keeps

Descriptor checked(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return Descriptor(descriptor);
}

class EpollTransport final : public Transport {
 public:
  EpollTransport(const Dispatcher& dispatcher, const TransportOptions& options)
      : dispatcher_(dispatcher),
        options_(options),
        listener_(std::make_unique<Listener>(options.address)),
        address_(listener_->address()),
        held_bytes_(options.max_held_bytes),
        epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
        handshakes_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
    assert(options.max_waiting + kReservedThreads <= options.max_threads &&
           "requests that wait could take every thread");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;  // no connection: the end of the workers
    for (const int set : {epoll_.get(), handshakes_.get()}) {
      if (::epoll_ctl(set, EPOLL_CTL_ADD, end_.descriptor(), &event) != 0)
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
  }

  const ListenAddress& address() const override { return address_; }

  void run() override {
    const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
    WorkerPool workers({.turns = std::min(kTurnsPerProcessor * processors, kMaxTurns),
                        .max_threads = options_.max_threads,
                        .reserve = kReservedThreads},
                       [this](WorkerPool& pool) { return serve_one(pool); });
    std::jthread handshakes;
    if (options_.tls != nullptr) handshakes = std::jthread([this] { shake_hands(); });
    const EndOfWorkers end_of_workers(&end_);
    while (!stopping_) {
      // Unless all is quiet it looks often, so that add_turn() comes in time.
      const bool is_quiet = workers.idle() > 0 && !workers.has_resumed() && workers.rounds() == seen_rounds_;
      const bool listens = wait_for_client(is_quiet ? kSweepEvery : kTick);
      if (listens) accept_all();
      relieve(workers);
      sweep();
    }
    accept_all();       // of those that the system has let in, what they have sent would be lost
    listener_.reset();  // the system refuses clients that connect from now on
    drain(workers);
  }

  void stop() override {
    stopping_ = true;
    stop_.set();
  }

 private:
  // Its position in the list is what the epoll set knows of a connection.
  struct Held {
    Held(Descriptor&& socket, EpollTransport& transport)
        : connection(std::move(socket), transport.dispatcher_, transport.options_, transport.held_bytes_,
                     transport.stopping_) {}
    // Held by the worker that has the connection, until it arms it again. The kernel orders the hand-over by
    // itself, but neither C++ nor the thread sanitizer knows that.
    Mutex in_use;
    Connection connection;
    // What follows is guarded by the mutex of the transport.
    std::list<Held>::iterator position;
    bool is_leaving = false;    // was asked to, to make room
    bool is_evictable = false;  // is in the list of those
  };

  // However run() ends, its workers do.
  struct SetEvent {
    void operator()(const Event* end) const { end->set(); }
  };
  using EndOfWorkers = std::unique_ptr<const Event, SetEvent>;

  // A piece of work for a worker; false at the end.
  bool serve_one(WorkerPool& pool) {
    thread_local std::array<char, kBufferBytes> buffer;
    epoll_event event{};
    // A look without waiting first: a thread that finds work at once never counts as idle, and wakes no
    // other.
    int ready = ::epoll_wait(epoll_.get(), &event, 1, 0);
    if (ready == 0) {
      const WorkerPool::Idle idle(pool);
      if (!idle) return true;
      ready = ::epoll_wait(epoll_.get(), &event, 1, -1);
    }
    if (ready <= 0) return ready == 0 || errno == EINTR;
    // The event that ends the workers is level-triggered and never reset, so each of them sees it.
    if (event.data.ptr == nullptr) return false;
    auto& held = *static_cast<Held*>(event.data.ptr);
    if (!go_on_with(held, buffer)) remove(held);
    return true;
  }

  // False if it is to be closed.
  bool go_on_with(Held& held, std::span<char> buffer) const {
    const Lock lock(held.in_use);
    const Connection::Next next = held.connection.advance(buffer);
    return next != Connection::Next::close && watch(held, next);
  }

  void shake_hands() {
    for (;;) {
      epoll_event event{};
      if (::epoll_wait(handshakes_.get(), &event, 1, -1) <= 0) continue;  // a signal
      if (event.data.ptr == nullptr) return;
      auto& held = *static_cast<Held*>(event.data.ptr);
      if (!go_on_with_handshake(held)) remove(held);
    }
  }

  bool go_on_with_handshake(Held& held) const {
    const Lock lock(held.in_use);
    const int socket = held.connection.socket();
    switch (held.connection.shake_hands()) {
      case Connection::Handshake::read:
        return arm(handshakes_, EPOLL_CTL_MOD, socket, held, EPOLLIN);
      case Connection::Handshake::write:
        return arm(handshakes_, EPOLL_CTL_MOD, socket, held, EPOLLOUT);
      case Connection::Handshake::done:  // a worker looks at once: the socket is writable
        return ::epoll_ctl(handshakes_.get(), EPOLL_CTL_DEL, socket, nullptr) == 0 &&
               arm(epoll_, EPOLL_CTL_ADD, socket, held, EPOLLOUT);
      default:
        return false;
    }
  }

  // Into the set in which it begins, and there for what it waits for.
  bool watch_first(Held& held, std::uint32_t events) const {
    return options_.tls == nullptr ? arm(epoll_, EPOLL_CTL_ADD, held.connection.socket(), held, events)
                                   : arm(handshakes_, EPOLL_CTL_ADD, held.connection.socket(), held, EPOLLIN);
  }

  // Arms the connection: from here on it may be another worker's.
  bool watch(Held& held, Connection::Next next) const {
    if (next == Connection::Next::read)
      return arm(epoll_, EPOLL_CTL_MOD, held.connection.socket(), held, EPOLLIN);
    if (next == Connection::Next::write)
      return arm(epoll_, EPOLL_CTL_MOD, held.connection.socket(), held, EPOLLOUT);
    // Of its two descriptors only one is ever armed.
    const int ready = held.connection.ready();
    return arm(epoll_, EPOLL_CTL_MOD, ready, held, EPOLLIN) ||
           (errno == ENOENT && arm(epoll_, EPOLL_CTL_ADD, ready, held, EPOLLIN));
  }

  static bool arm(const Descriptor& set, int operation, int descriptor, Held& held, std::uint32_t events) {
    epoll_event event{};
    event.events = EPOLLONESHOT | events;
    event.data.ptr = &held;
    return ::epoll_ctl(set.get(), operation, descriptor, &event) == 0;
  }

  void remove(const Held& held) {
    const Lock lock(mutex_);
    if (held.is_evictable) std::erase_if(evictable_, [&](const Evictable& one) { return one.held == &held; });
    connections_.erase(held.position);
    if (connections_.empty()) all_closed_.notify_all();
  }

  // True if a client waits to be accepted.
  bool wait_for_client(milliseconds timeout) const {
    std::array<pollfd, 2> ready{pollfd{.fd = listener_->descriptor(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = stop_.descriptor(), .events = POLLIN, .revents = 0}};
    const bool sleeps = timeout == kSweepEvery && count() == 0;
    const int came = ::poll(ready.data(), ready.size(), sleeps ? -1 : static_cast<int>(timeout.count()));
    return came > 0 && ready[0].revents != 0;
  }

  std::size_t count() const {
    const Lock lock(mutex_);
    return connections_.size();
  }

  void accept_all() {
    for (std::size_t count = 0; !stopping_ || count < kAcceptedAtLast; ++count) {
      const Listener::Accepted accepted = listener_->accept();
      if (accepted.socket >= 0) {
        admit(Descriptor(accepted.socket));
        continue;
      }
      if (accepted.fault == Listener::Fault::broken && !stopping_)
        throw std::runtime_error("no more connections can be accepted");
      // Nothing tells when there will be a descriptor again; the client waits until then.
      if (accepted.fault == Listener::Fault::no_descriptor && !evict_one())
        std::this_thread::sleep_for(kTick);
      return;
    }
  }

  void admit(Descriptor socket) {
    Held* const held = add(std::move(socket));
    if (held != nullptr && !begin_with(*held)) remove(*held);
  }

  // Nothing, and the socket closed, if there is no memory for it.
  Held* add(Descriptor socket) {
    try {
      const Lock lock(mutex_);
      Held& held = connections_.emplace_back(std::move(socket), *this);
      held.position = std::prev(connections_.end());
      return &held;
    } catch (const std::bad_alloc&) {  // which leaves the socket where it was
      std::array<char, kNoMemoryAnswerBytes> buffer;
      const std::string_view answer = no_memory_answer(Request(), buffer);
      [[maybe_unused]] const ssize_t sent =
          options_.tls != nullptr
              ? 0
              : ::send(socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      return nullptr;
    }
  }

  // False if it is to be closed.
  bool begin_with(Held& held) {
    // The new connection is in the list by now, and in no set yet: only this thread knows of it.
    const std::size_t others = count() - 1;
    if (others < options_.max_connections || evict_one()) return watch_first(held, EPOLLIN);
    if (others >= options_.max_connections + kRefusedAtOnce) return false;
    held.connection.refuse(Problem::unavailable("Too many connections."));
    return watch_first(held, EPOLLOUT);
  }

  // Asks a connection to go: the one that has been idle for the longest time, or, if none is, the one that
  // has been sending or taking too little for the longest. False if none has been for long.
  bool evict_one() {
    const Lock lock(mutex_);
    if (evictable_.empty()) find_evictable();
    while (!evictable_.empty()) {
      const Evictable next = evictable_.back();
      evictable_.pop_back();
      next.held->is_evictable = false;
      if (ask_to_leave(next)) return true;
    }
    return false;
  }

  struct Evictable {
    Held* held;
    bool is_idle;  // else slow
    Connection::TimePoint since;

    friend bool operator==(const Evictable&, const Evictable&) = default;
    bool goes_before(const Evictable& other) const {
      return is_idle == other.is_idle ? since < other.since : is_idle;
    }
  };

  // Looks at all connections, so it finds more than one at a time, and takes at most a tenth of the thread's
  // time: with 100,000 connections this must not be done for each client that wants in.
  void find_evictable() REQUIRES(mutex_) {
    const auto now = steady_clock::now();
    if (now < next_search_) return;
    try {
      for (Held& held : connections_) {
        const auto found = evictable(held, now);
        if (found) evictable_.push_back(*found);
      }
    } catch (const std::bad_alloc&) {  // those that were found will do
    }
    const std::size_t kept = std::min(evictable_.size(), kEvictedAtLeast + connections_.size() / 16);
    std::partial_sort(evictable_.begin(), evictable_.begin() + static_cast<std::ptrdiff_t>(kept),
                      evictable_.end(),
                      [](const Evictable& one, const Evictable& other) { return one.goes_before(other); });
    evictable_.resize(kept);
    std::reverse(evictable_.begin(), evictable_.end());  // they are taken from the end
    for (const Evictable& one : evictable_) one.held->is_evictable = true;
    const auto end = steady_clock::now();
    next_search_ = end + std::max<steady_clock::duration>(kTick, 9 * (end - now));
  }

  // Nothing if it may stay.
  std::optional<Evictable> evictable(Held& held, Connection::TimePoint now) const REQUIRES(mutex_) {
    const auto before = now - options_.evictable_after;
    if (held.is_leaving) return std::nullopt;
    if (const auto since = held.connection.idle_since()) {
      if (*since >= before) return std::nullopt;
      return Evictable{.held = &held, .is_idle = true, .since = *since};
    }
    if (!held.in_use.try_lock()) return std::nullopt;
    const Lock use(held.in_use, std::adopt_lock);
    const auto since = held.connection.slow_since(now);
    if (!since || *since >= before) return std::nullopt;
    return Evictable{.held = &held, .is_idle = false, .since = *since};
  }

  // False if it has done something since it was found.
  bool ask_to_leave(const Evictable& found) const REQUIRES(mutex_) {
    if (evictable(*found.held, steady_clock::now()) != found) return false;
    if (!found.held->in_use.try_lock()) return false;
    const Lock use(found.held->in_use, std::adopt_lock);
    found.held->is_leaving = true;
    if (found.is_idle) {
      found.held->connection.interrupt();
    } else {
      found.held->connection.give_up();
    }
    return true;
  }

  // If no worker has ended its piece since the last look, the clients that wait must not wait for these
  // pieces; nor must the threads whose answer needs no more than a turn.
  void relieve(WorkerPool& workers) {
    const std::size_t rounds = workers.rounds();
    const bool is_wanted = workers.idle() == 0 || workers.has_resumed();
    if (is_wanted && rounds == seen_rounds_) workers.add_turn();
    seen_rounds_ = rounds;
  }

  void sweep() {
    const auto now = steady_clock::now();
    if (now < next_sweep_) return;
    next_sweep_ = now + kSweepEvery;
    const Lock lock(mutex_);
    for (Held& held : connections_) {
      if (now < held.connection.due()) continue;
      if (!held.in_use.try_lock()) continue;
      const Lock use(held.in_use, std::adopt_lock);
      if (!held.connection.is_overdue(now)) continue;
      held.connection.is_listening() ? held.connection.wake() : held.connection.interrupt();
    }
  }

  void interrupt_idle() {
    const Lock lock(mutex_);
    for (const Held& held : connections_) {
      if (held.connection.idle_since()) held.connection.interrupt();
    }
  }

  // So that they end. One that a worker has just now looks by itself.
  void wake_listening() {
    const Lock lock(mutex_);
    for (Held& held : connections_) {
      if (!held.connection.is_listening() || !held.in_use.try_lock()) continue;
      const Lock use(held.in_use, std::adopt_lock);
      if (held.connection.is_listening()) held.connection.wake();
    }
  }

  // Idle connections end now, and those that listen; the others when they have sent their answer, or when
  // drain_timeout has passed.
  void drain(WorkerPool& workers) {
    const auto until = steady_clock::now() + options_.drain_timeout;
    interrupt_idle();
    wake_listening();
    bool is_done = false;
    while (!is_done && steady_clock::now() < until) {
      {
        const auto next = steady_clock::now() + kTick;
        const Lock lock(mutex_);
        while (!connections_.empty() && all_closed_.wait_until(mutex_, next)) {
        }
        is_done = connections_.empty();
      }
      relieve(workers);
      sweep();
    }
    const Lock lock(mutex_);
    for (const Held& held : connections_) held.connection.cut();
  }

  const Dispatcher& dispatcher_;
  const TransportOptions options_;
  std::unique_ptr<Listener> listener_;
  const ListenAddress address_;
  const Event stop_;
  const Event end_;
  std::atomic<bool> stopping_ = false;
  std::size_t seen_rounds_ = 0;       // by the thread in run()
  Connection::TimePoint next_sweep_;  // of that thread too
  mutable Mutex mutex_;
  CondVar all_closed_;
  HeldBytes held_bytes_;  // which the connections give back
  std::list<Held> connections_ GUARDED_BY(mutex_);
  std::vector<Evictable> evictable_ GUARDED_BY(mutex_);   // of those, the next to go last
  Connection::TimePoint next_search_ GUARDED_BY(mutex_);  // for more of them
  const Descriptor epoll_;                                // closed before the connections in it
  const Descriptor handshakes_;                           // another set, of those before their first request
};

}  // namespace

std::unique_ptr<Transport> make_transport(const Dispatcher& dispatcher, const TransportOptions& options) {
  return std::make_unique<EpollTransport>(dispatcher, options);
}

}  // namespace aforro::http

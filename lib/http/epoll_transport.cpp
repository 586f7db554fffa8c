// How the threads share the connections. Every connection is in one epoll set, one-shot: of whatever makes it
// ready exactly one worker hears, has it to itself, goes on with it as far as that goes (see connection.h),
// and puts it back. Only that worker may end it, so nobody ever holds a connection that is gone. The thread
// in run() accepts, and looks now and then for those that are overdue: it shuts their sockets, which makes
// them ready, and a worker does the rest.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <condition_variable>
#include <iterator>
#include <list>
#include <mutex>
#include <new>
#include <span>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "http/connection.h"
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
constexpr std::size_t kRefusedAtOnce = 64;               // beyond that, one too many is closed without a word

class Descriptor {
 public:
  Descriptor(int descriptor, const char* what) : descriptor_(descriptor) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), what);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(descriptor_); }
  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

// Readable from set() on.
class Event {
 public:
  Event() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd") {}
  void set() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(descriptor_.get(), &one, sizeof one);
  }
  int descriptor() const { return descriptor_.get(); }

 private:
  const Descriptor descriptor_;
};

std::uint32_t events_for(Connection::Next next) {
  return EPOLLONESHOT | (next == Connection::Next::write ? EPOLLOUT : EPOLLIN);
}

class EpollTransport final : public Transport {
 public:
  EpollTransport(const Dispatcher& dispatcher, const TransportOptions& options)
      : dispatcher_(dispatcher),
        options_(options),
        listener_(std::make_unique<Listener>(options.host, options.port)),
        port_(listener_->port()),
        epoll_(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1") {
    assert(options.max_waiting + kReservedThreads <= options.max_threads &&
           "requests that wait could take every thread");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;  // no connection: the end of the workers
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, end_.descriptor(), &event) != 0)
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }

  int port() const override { return port_; }

  void run() override {
    const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
    WorkerPool workers({.turns = std::min(kTurnsPerProcessor * processors, kMaxTurns),
                        .max_threads = options_.max_threads,
                        .reserve = kReservedThreads},
                       [this](WorkerPool& pool) { return serve_one(pool); });
    const EndOfWorkers end_of_workers(end_);
    while (!stopping_) {
      const bool is_quiet = workers.idle() > 0 && !workers.has_resumed() && workers.rounds() == seen_rounds_;
      const bool listens = wait_for_client(is_quiet ? kSweepEvery : kTick);
      if (listens) accept_all();
      relieve(workers);
      sweep();
    }
    listener_.reset();  // whoever connects from now on is refused by the system
    drain(workers);
  }

  void stop() override {
    stopping_ = true;
    stop_.set();
  }

 private:
  // Its position in the list is what the epoll set knows of a connection.
  struct Held {
    Held(int socket, const EpollTransport& transport)
        : connection(socket, transport.dispatcher_, transport.options_, transport.stopping_) {}
    // Held by the worker that has it, until it was put back: the kernel hands it on in good order by itself,
    // but neither C++ nor the thread sanitizer knows that.
    std::mutex in_use;
    Connection connection;
    std::list<Held>::iterator position;
    bool is_leaving = false;  // was asked to, to make room
  };

  // However run() ends, its workers do.
  class EndOfWorkers {
   public:
    explicit EndOfWorkers(const Event& end) : end_(end) {}
    EndOfWorkers(const EndOfWorkers&) = delete;
    EndOfWorkers& operator=(const EndOfWorkers&) = delete;
    ~EndOfWorkers() { end_.set(); }

   private:
    const Event& end_;
  };

  // A piece of work for a worker; false at the end.
  bool serve_one(WorkerPool& pool) {
    thread_local std::array<char, kBufferBytes> buffer;
    epoll_event event{};
    int ready = ::epoll_wait(epoll_.get(), &event, 1, 0);
    if (ready == 0) {
      const WorkerPool::Idle idle(pool);
      if (!idle) return true;
      ready = ::epoll_wait(epoll_.get(), &event, 1, -1);
    }
    if (ready <= 0) return ready == 0 || errno == EINTR;
    if (event.data.ptr == nullptr) return false;
    auto& held = *static_cast<Held*>(event.data.ptr);
    if (!go_on_with(held, buffer)) remove(held);
    return true;
  }

  // False if it is to be closed.
  bool go_on_with(Held& held, std::span<char> buffer) const {
    const std::lock_guard lock(held.in_use);
    const Connection::Next next = held.connection.advance(buffer);
    return next != Connection::Next::close && watch(held, EPOLL_CTL_MOD, next);
  }

  // From here on the connection is another worker's.
  bool watch(Held& held, int operation, Connection::Next next) const {
    epoll_event event{};
    event.events = events_for(next);
    event.data.ptr = &held;
    return ::epoll_ctl(epoll_.get(), operation, held.connection.socket(), &event) == 0;
  }

  void remove(const Held& held) {
    const std::lock_guard lock(mutex_);
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
    const std::lock_guard lock(mutex_);
    return connections_.size();
  }

  void accept_all() {
    while (!stopping_) {
      const Listener::Accepted accepted = listener_->accept();
      if (accepted.socket >= 0) {
        admit(accepted.socket);
        continue;
      }
      if (accepted.fault == Listener::Fault::broken)
        throw std::runtime_error("no more connections can be accepted");
      // Nothing tells when there will be a descriptor again; the client waits until then.
      if (accepted.fault == Listener::Fault::no_descriptor && !evict_one())
        std::this_thread::sleep_for(kTick);
      return;
    }
  }

  void admit(int socket) {
    Held* const held = add(socket);
    if (held != nullptr && !begin_with(*held)) remove(*held);
  }

  // Nothing, and the socket closed, if there is no memory for it.
  Held* add(int socket) {
    try {
      const std::lock_guard lock(mutex_);
      Held& held = connections_.emplace_back(socket, *this);
      held.position = std::prev(connections_.end());
      return &held;
    } catch (const std::bad_alloc&) {
      std::array<char, kNoMemoryAnswerBytes> buffer;
      const std::string_view answer = no_memory_answer(Request(), buffer);
      [[maybe_unused]] const ssize_t sent =
          ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      ::close(socket);
      return nullptr;
    }
  }

  // False if it is to be closed.
  bool begin_with(Held& held) {
    const std::size_t others = count() - 1;
    if (others < options_.max_connections || evict_one()) {
      return watch(held, EPOLL_CTL_ADD, Connection::Next::read);
    }
    if (others >= options_.max_connections + kRefusedAtOnce) return false;
    held.connection.refuse(HttpError(503, "Too many connections.", {{"Retry-After", "1"}}));
    return watch(held, EPOLL_CTL_ADD, Connection::Next::write);
  }

  // Asks the connection that has been idle for the longest time to go. False if none has been for long.
  bool evict_one() {
    const std::lock_guard lock(mutex_);
    Held* longest = nullptr;
    Connection::TimePoint since = steady_clock::now() - options_.evictable_after;
    for (Held& held : connections_) {
      const auto idle_since = held.connection.idle_since();
      if (held.is_leaving || !idle_since || *idle_since >= since) continue;
      since = *idle_since;
      longest = &held;
    }
    if (longest == nullptr) return false;
    longest->is_leaving = true;
    longest->connection.interrupt();
    return true;
  }

  // When all that work do so at the same piece since the last look, the others must not wait for them; nor
  // those whose answer is as good as there.
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
    interrupt_if([&](const Connection& connection) { return connection.due() <= now; });
  }

  template <class Condition>
  void interrupt_if(const Condition& condition) {
    const std::lock_guard lock(mutex_);
    for (const Held& held : connections_) {
      if (condition(held.connection)) held.connection.interrupt();
    }
  }

  // Idle connections end now, the others when they have their answer, or when there is no more time for it.
  void drain(WorkerPool& workers) {
    const auto until = steady_clock::now() + options_.drain_timeout;
    interrupt_if([](const Connection& connection) { return connection.idle_since().has_value(); });
    bool is_done = false;
    while (!is_done && steady_clock::now() < until) {
      std::unique_lock lock(mutex_);
      is_done = all_closed_.wait_for(lock, kTick, [this] { return connections_.empty(); });
      lock.unlock();
      relieve(workers);
      sweep();
    }
    const std::lock_guard lock(mutex_);
    for (const Held& held : connections_) held.connection.cut();
  }

  const Dispatcher& dispatcher_;
  const TransportOptions options_;
  std::unique_ptr<Listener> listener_;
  const int port_;
  const Event stop_;
  const Event end_;
  std::atomic<bool> stopping_ = false;
  std::size_t seen_rounds_ = 0;       // by the thread in run()
  Connection::TimePoint next_sweep_;  // of that thread too
  mutable std::mutex mutex_;
  std::condition_variable all_closed_;
  std::list<Held> connections_;
  const Descriptor epoll_;  // closed before the connections in it
};

}  // namespace

std::unique_ptr<Transport> make_epoll_transport(const Dispatcher& dispatcher,
                                                const TransportOptions& options) {
  return std::make_unique<EpollTransport>(dispatcher, options);
}

}  // namespace aforro::http

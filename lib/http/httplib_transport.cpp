// The transport of systems without epoll(7): a thread for each connection, on which cpp-httplib reads
// requests and writes answers (httplib_requests.cpp). Sockets, deadlines and threads are ours, since
// cpp-httplib's own server has a deadline for each read and none for a request, ends when accept() fails, and
// cuts answers off when it is stopped.
//
// A thread that waits for its client is told to go by its socket, which the thread in run() shuts: that wakes
// it from poll(2), on every system.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cassert>
#include <chrono>
#include <exception>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/blocking.h"
#include "base/descriptor.h"
#include "base/event.h"
#include "base/function_ref.h"
#include "base/mutex.h"
#include "base/problem.h"
#include "http/held_bytes.h"
#include "http/httplib_requests.h"
#include "http/listener.h"
#include "http/transport.h"
#include "http/waiting_client.h"

namespace aforro::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kTick{20};
constexpr milliseconds kJoinEvery{200};     // threads that have ended
constexpr std::size_t kRefusedAtOnce = 64;  // one more is closed without a word

// What a thread that answers waits by. It may always: the bounds of what it waits for are enough, as there is
// a thread for each connection.
class OwnThread final : public BlockingHook {
 public:
  bool may_wait() noexcept override { return true; }
  void about_to_block() noexcept override {}
  void suspend() noexcept override {
    const Lock lock(mutex_);
    while (!is_resumed_) resumed_.wait(mutex_);
    is_resumed_ = false;
  }
  void resume() noexcept override {
    const Lock lock(mutex_);
    is_resumed_ = true;
    resumed_.notify_one();
  }

 private:
  Mutex mutex_;
  CondVar resumed_;
  bool is_resumed_ GUARDED_BY(mutex_) = false;
};

class HttplibTransport final : public Transport {
 public:
  HttplibTransport(const Dispatcher& dispatcher, const TransportOptions& options)
      : dispatcher_(dispatcher),
        options_(options),
        listener_(std::make_unique<Listener>(options.address)),
        address_(listener_->address()),
        held_bytes_(options.max_held_bytes) {
    assert(options.max_waiting + kReservedThreads <= options.max_threads &&
           "requests that wait could take every thread");
  }
  HttplibTransport(const HttplibTransport&) = delete;
  HttplibTransport& operator=(const HttplibTransport&) = delete;
  ~HttplibTransport() override {
    stop();
    end_all();
  }

  const ListenAddress& address() const override { return address_; }

  void run() override {
    while (!stopping_) {
      std::array<pollfd, 2> ready{pollfd{.fd = listener_->descriptor(), .events = POLLIN, .revents = 0},
                                  pollfd{.fd = stop_.descriptor(), .events = POLLIN, .revents = 0}};
      ::poll(ready.data(), ready.size(), is_alone() ? -1 : static_cast<int>(kJoinEvery.count()));
      if (ready[0].revents != 0) accept_all();
      join_ended();
    }
    listener_.reset();  // the system refuses clients that connect from now on
    interrupt_idle();
    wait_until_all_ended(steady_clock::now() + options_.drain_timeout);
    end_all();
  }

  void stop() override {
    stopping_ = true;
    stop_.set();
  }

 private:
  // A connection and its thread.
  struct Held {
    int socket;                                          // -1 once it is about to be closed
    std::optional<steady_clock::time_point> idle_since;  // while it may be told to go
    std::list<Held>::iterator position;
    std::thread thread;
  };

  bool is_alone() const {
    const Lock lock(mutex_);
    return connections_.empty() && ended_.empty();
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

  // Closes the socket if there is no memory or no thread for it.
  void admit(int socket) {
    join_ended();
    const std::size_t others = count();
    const bool is_refused = others >= options_.max_connections && !evict_one();
    const bool is_hopeless = is_refused && others >= options_.max_connections + kRefusedAtOnce;
    if (is_hopeless || !start(socket, is_refused)) ::close(socket);
  }

  bool start(int socket, bool is_refused) {
    std::list<Held> made;
    try {
      Held& held = made.emplace_back();
      held.socket = socket;
      held.position = made.begin();
      const Lock lock(mutex_);  // until it is in the list, its thread must not leave that
      held.thread = std::thread([this, &held, is_refused] { serve(held, is_refused); });
      connections_.splice(connections_.end(), made);
      return true;
    } catch (const std::exception&) {  // no memory, or no thread
      return false;
    }
  }

  std::size_t count() const {
    const Lock lock(mutex_);
    return connections_.size();
  }

  // What a thread does.
  void serve(Held& held, bool is_refused) {
    OwnThread own_thread;
    const BlockingHookScope hook(own_thread);
    {
      Descriptor socket(held.socket);
      std::optional<WaitingClient> client;
      try {
        client.emplace(std::move(socket), options_, held_bytes_);
        converse(held, *client, is_refused);
        client->linger();
      } catch (const std::exception&) {  // no memory: its end is all that can be said
      }
      const Lock lock(mutex_);
      held.socket = -1;  // from here on nobody shuts a descriptor that is no longer ours
    }
    const Lock lock(mutex_);
    ended_.splice(ended_.end(), connections_, held.position);
    one_ended_.notify_all();
  }

  void converse(Held& held, WaitingClient& client, bool is_refused) {
    if (!let_wait(held, [&] { return client.shake_hands(); })) return;
    if (is_refused) {
      Request unknown;
      unknown.peer = client.peer();
      return refuse_client(client, dispatcher_, unknown,
                           std::make_exception_ptr(Problem::unavailable("Too many connections.")));
    }
    serve_requests(client, dispatcher_, stopping_, stop_, options_.spool,
                   [&] { return let_wait(held, [&] { return client.wait_for_request(); }); });
  }

  // Waits for a client whose connection may be told to go meanwhile.
  bool let_wait(Held& held, FunctionRef<bool()> wait) {
    {
      const Lock lock(mutex_);
      if (stopping_) return false;
      held.idle_since = steady_clock::now();
    }
    const bool has_come = wait();
    const Lock lock(mutex_);
    held.idle_since.reset();
    return has_come;
  }

  // Asks the connection to go that has been idle for longest. False if none has been for long.
  bool evict_one() {
    const Lock lock(mutex_);
    const auto before = steady_clock::now() - options_.evictable_after;
    Held* oldest = nullptr;
    for (Held& held : connections_) {
      if (!held.idle_since || *held.idle_since >= before) continue;
      if (oldest == nullptr || *held.idle_since < *oldest->idle_since) oldest = &held;
    }
    if (oldest == nullptr) return false;
    interrupt(*oldest);
    return true;
  }

  void interrupt_idle() {
    const Lock lock(mutex_);
    for (Held& held : connections_) {
      if (held.idle_since) interrupt(held);
    }
  }

  // What has arrived by now can still be read.
  static void interrupt(Held& held) {
    held.idle_since.reset();
    ::shutdown(held.socket, SHUT_RD);
  }

  bool wait_until_all_ended(steady_clock::time_point until) {
    const Lock lock(mutex_);
    while (!connections_.empty() && one_ended_.wait_until(mutex_, until)) {
    }
    return connections_.empty();
  }

  // Cuts all that are left, and waits for what their handlers are at.
  void end_all() {
    {
      const Lock lock(mutex_);
      for (const Held& held : connections_) {
        if (held.socket >= 0) ::shutdown(held.socket, SHUT_RDWR);
      }
      while (!connections_.empty()) one_ended_.wait(mutex_);
    }
    join_ended();
  }

  void join_ended() {
    std::list<Held> ended;
    {
      const Lock lock(mutex_);
      ended.swap(ended_);
    }
    for (Held& held : ended) held.thread.join();
  }

  const Dispatcher& dispatcher_;
  const TransportOptions options_;
  std::unique_ptr<Listener> listener_;
  const ListenAddress address_;
  HeldBytes held_bytes_;
  const Event stop_;
  std::atomic<bool> stopping_ = false;
  mutable Mutex mutex_;
  CondVar one_ended_;
  std::list<Held> connections_ GUARDED_BY(mutex_);  // and what is in them, but for its thread
  std::list<Held> ended_ GUARDED_BY(mutex_);        // to be joined
};

}  // namespace

std::unique_ptr<Transport> make_transport(const Dispatcher& dispatcher, const TransportOptions& options) {
  return std::make_unique<HttplibTransport>(dispatcher, options);
}

}  // namespace aforro::http

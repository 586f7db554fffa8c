// What carries requests to the dispatcher and its answers back. How connections and threads are kept is its
// own business: handlers never notice which transport it is.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "http/dispatcher.h"
#include "http/listen_address.h"
#include "http/send_pace.h"
#include "http/spool.h"
#include "http/tls.h"

namespace aforro::http {

inline constexpr std::size_t kMaxTargetBytes = 8 * 1024;
inline constexpr std::size_t kMaxHeaderBytes = 8 * 1024;
inline constexpr std::size_t kReservedThreads = 64;
inline constexpr std::size_t kMaxLeftOverBytes = 64 * 1024;  // of a body that is read past, see docs/http.md

struct TransportOptions {
  ListenAddress address{};
  std::size_t max_connections = 1024;  // one more takes the place of the longest idle, or is answered 503
  std::size_t max_threads = 1024;      // that answer, with those that wait for something (epoll alone)
  std::size_t max_waiting = 0;         // of these, by the bounds of all that handlers wait for; 0: not known
  std::chrono::milliseconds idle_timeout{75'000};     // between two requests
  std::chrono::milliseconds evictable_after{5'000};   // of idleness: may then make room for another
  std::chrono::milliseconds request_timeout{10'000};  // for one request to arrive whole
  std::chrono::milliseconds drain_timeout{10'000};    // for what is in flight when stopping
  std::chrono::milliseconds listener_check{5'000};    // whether a client whose answer waits has left
  std::size_t least_body_rate = 16 * 1024;            // bytes of a body that earn it one more second
  SendPaceOptions send_pace{};                        // at which a client has to take its answer
  std::size_t max_held_bytes = 256 * 1024 * 1024;     // waiting for clients, see held_bytes.h
  Spool* spool = nullptr;           // for bodies that are spooled; without it they are refused; outlives all
  const TlsContext* tls = nullptr;  // by which all is encrypted; outlives the transport
};

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  // Where it has listened since it was made (listener.h); clients that connect wait for run().
  virtual const ListenAddress& address() const = 0;

  // Serves until stop(); returns when every request in flight has been answered or drain_timeout has passed.
  // Throws std::runtime_error if it can't go on.
  virtual void run() = 0;

  // From any thread, but not from a signal handler; also before run(), which then returns at once. Must have
  // returned before the transport goes.
  virtual void stop() = 0;
};

// The transport of this build: all connections in one epoll(7) and a few threads that answer
// (epoll_transport.cpp), or, where there is no epoll, cpp-httplib on a thread for each connection
// (httplib_transport.cpp). The dispatcher must outlive it. Asserts that max_threads leaves kReservedThreads
// beside max_waiting, for requests that wait for nothing. Throws Problem (conflict) if the address can't be
// listened on.
std::unique_ptr<Transport> make_transport(const Dispatcher& dispatcher, const TransportOptions& options);

}  // namespace aforro::http

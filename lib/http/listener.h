// A TCP port or a Unix socket to which clients connect. Used by one thread.
#pragma once

#include <optional>

#include "base/descriptor.h"
#include "http/listen_address.h"
#include "http/socket_file.h"

namespace aforro::http {

class Listener {
 public:
  // Of a host (a name or an IPv4 or IPv6 address) it takes the first address that can be had; port 0 is any
  // that is free. An inherited socket becomes the listener's, the file of a Unix socket among them does not.
  // Throws Problem (conflict) if nothing can be had, as when another server is there already, or if what was
  // inherited is no listening stream socket of TCP or Unix.
  explicit Listener(const ListenAddress& address);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int descriptor() const { return socket_.get(); }
  // With the port that it got and the path in full; of an inherited socket, what it is bound to.
  const ListenAddress& address() const { return address_; }

  enum class Fault {
    none_waiting,
    no_descriptor,  // of this process or the system, or no memory for one: the client still waits
    broken,         // no client will ever come again
  };
  struct Accepted {
    int socket = -1;  // non-blocking, to be closed by the caller; -1 with a fault
    Fault fault = Fault::none_waiting;
  };
  // The next client that waits; returns at once.
  Accepted accept();

 private:
  void prepare(int connection) const;

  const Descriptor socket_;
  // Goes before the socket: once nobody listens, another server may take the file for one left behind.
  std::optional<SocketFile> file_;
  ListenAddress address_;
  bool is_inherited_ = false;
};

}  // namespace aforro::http

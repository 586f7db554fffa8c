// A TCP port to which clients connect. Used by one thread.
#pragma once

#include <optional>
#include <string>

namespace aforro::http {

class Listener {
 public:
  // Takes the first address of the host (a name or an IPv4 or IPv6 address) that can be had; port 0 is any
  // that is free. Throws Problem (conflict) if there is none, as when another server is there already.
  Listener(const std::string& host, int port);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  int descriptor() const { return descriptor_; }
  int port() const { return port_; }

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
  int descriptor_ = -1;
  int port_ = 0;
};

}  // namespace aforro::http

// The addresses of a machine by its name. The system's own call may take as many seconds as its name servers
// do, and can't be broken off: so a thread beside makes it, which is left behind where nobody waits any more.
// Used by one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "redis/link.h"

namespace aforro::redis {

class Resolver {
 public:
  Resolver(std::string host, int port);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  // None, with why, if there are none or they can't be had in time. A look-up that is still under way is
  // waited for the next time.
  std::vector<Endpoint> resolve(Instant until, std::string& why);

 private:
  struct Lookup;

  const std::string host_;
  const std::string port_;
  std::shared_ptr<Lookup> lookup_;  // under way
};

}  // namespace aforro::redis

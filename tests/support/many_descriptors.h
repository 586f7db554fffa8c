// Lets this process have as many descriptors as it may, so that a test can hold thousands of connections.
#pragma once

#include <sys/resource.h>

namespace aforro::test {

inline void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace aforro::test

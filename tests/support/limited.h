// A limiter in the hands of a test, in this process or in Redis: the same is asked of both.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "limit/limiter.h"
#include "support/held_clock.h"

namespace aforro::test {

struct Limited {
  HeldClock clock;
  std::unique_ptr<limit::Limiter> limiter;

  limit::Verdict take(const std::string& key = "client") const { return limiter->take(key); }
  bool allows(const std::string& key = "client") const { return take(key).allowed; }
  // How many of a hundred at once are let through.
  int allowed_of_hundred(const std::string& key = "client") const {
    int allowed = 0;
    for (int i = 0; i < 100; ++i) allowed += allows(key) ? 1 : 0;
    return allowed;
  }
};

}  // namespace aforro::test

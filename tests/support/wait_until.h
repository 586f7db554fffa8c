// Waiting for what a server does in its own time, without sleeping longer than it takes.
#pragma once

#include <chrono>
#include <thread>

namespace aforro::test {

// True as soon as it is; false if it is not after that long.
template <class F>
bool wait_until(F&& is_true, std::chrono::milliseconds patience = std::chrono::seconds(20)) {
  for (const auto end = std::chrono::steady_clock::now() + patience;
       std::chrono::steady_clock::now() < end;) {
    if (is_true()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return is_true();
}

}  // namespace aforro::test

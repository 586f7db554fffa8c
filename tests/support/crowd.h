// Many orders at once, and how the rest of a shop does meanwhile.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>

#include "support/load.h"

namespace aforro::test {

// Orders sent all at the same time, each on a connection of its own, and their answers counted.
class Crowd {
 public:
  Crowd(int port, std::string order, std::size_t count);
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd() { wait(); }

  void wait();  // for all answers

  // True if so many are refused within two seconds of the last being sent (times kSlowdown).
  bool has_refused_soon(std::size_t count) const;

  std::size_t confirmed() const { return confirmed_; }
  std::size_t refused() const { return refused_; }          // because too many wait: 503 with Retry-After
  std::size_t unavailable() const { return unavailable_; }  // for another reason: as well
  std::size_t others() const { return others_; }

 private:
  Verdict judge(const Answer& answer);

  const std::size_t count_;
  std::atomic<std::size_t> sent_ = 0;
  std::atomic<std::size_t> confirmed_ = 0;
  std::atomic<std::size_t> refused_ = 0;
  std::atomic<std::size_t> unavailable_ = 0;
  std::atomic<std::size_t> others_ = 0;
  std::thread thread_;
};

// Asks for /livez some times, each on a connection of its own. Checks that half of the answers come within
// 50 ms, and all within what a busy machine may add to that (times kSlowdown).
void check_livez(int port);

// Answers a second to GET of a target by some clients that ask for nothing else. All must be 200.
double gets_per_second(int port, std::string_view target);

// True if that many are answered a second, looked at a few times: others may have the machine for a moment.
bool serves_per_second(int port, std::string_view target, double least);

// What the log says of those that were refused because too many wait.
struct Refusals {
  std::size_t lines = 0;
  std::size_t refused = 0;
};
Refusals logged_refusals(const std::string& log);

}  // namespace aforro::test

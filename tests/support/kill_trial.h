// A shop whose server is killed (SIGKILL) at random moments, under load, while it stops and while it starts,
// and started again; with its customers and its clerk, who write down what they were told, and all that can
// be compared with it. One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/clerk.h"
#include "support/customer.h"
#include "support/latencies.h"
#include "support/shop.h"

namespace aforro::test {

class KillTrial {
 public:
  explicit KillTrial(std::uint64_t seed);

  // Load, the end of the server, a new one, and the comparison. Every fifth end comes while it stops, and of
  // every fifth new one the start is cut off. `while_dead` is called when no server runs.
  void go_round(const std::function<void()>& while_dead = [] {});

  // All that ever was acknowledged, against the database.
  void compare_all();
  // Lets the jobs come to their end and compares what they did.
  void compare_confirmations();

  std::string faults() const;  // empty: none
  std::int64_t kills() const { return under_load_ + stopping_ + starting_; }
  const Latencies& ready_after() const { return ready_after_; }
  std::int64_t acknowledged() const;
  std::string summary() const;
  Shop& shop() { return shop_; }

 private:
  enum class End { under_load, while_stopping };

  void load_and_kill(End end);
  void kill_while_starting();
  void start();
  void compare();
  std::map<std::string, std::int64_t> newly_stored();
  void pause(std::chrono::microseconds longest);

  Shop shop_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<Customer>> customers_;
  std::unique_ptr<Clerk> clerk_;
  std::int64_t last_order_ = 0;
  std::string killed_log_;  // of those that were killed while starting
  std::int64_t rounds_ = 0;
  std::int64_t under_load_ = 0;
  std::int64_t stopping_ = 0;
  std::int64_t starting_ = 0;
  std::int64_t before_listening_ = 0;  // of those
  Latencies ready_after_;
  std::vector<std::string> faults_;
};

}  // namespace aforro::test

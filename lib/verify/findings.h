// What verifying a shop has found: faults in words, as many as can be read, the rest counted;
// what was looked at, and what could not be. A value, used by one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aforro::verify {

enum class Check {
  storage,    // the engine's own view of what it keeps
  reference,  // a row names one that is there
  text,       // folded texts follow from those they were made of
  stock,      // a shelf has the sum of its movements
  movement,   // a movement has a shelf, a cause, and says what was left
  order,      // an order is what its lines make of it, in a state that there is
  taking,     // what orders took and gave back is what the ledger says
  key,        // an idempotency key has the answer of an order
  search,     // what a search looks at is what the products say
};
inline constexpr std::array kChecks{Check::storage, Check::reference, Check::text,
                                    Check::stock,   Check::movement,  Check::order,
                                    Check::taking,  Check::key,       Check::search};

std::string_view to_string(Check check);

class Findings {
 public:
  // Faults of one kind that are named.
  static constexpr std::size_t kNamed = 100;

  void counted(std::string_view what, std::int64_t number) { counts_.emplace_back(what, number); }
  void fault(Check check, std::string detail);
  void left_out(std::string what_and_why) { left_out_.push_back(std::move(what_and_why)); }

  bool is_clean() const { return fault_count() == 0; }
  std::int64_t fault_count() const;
  std::int64_t fault_count(Check check) const { return of(check).count; }

  // Those of a kind that are named, as they were found.
  const std::vector<std::string>& named(Check check) const { return of(check).named; }
  const std::vector<std::pair<std::string_view, std::int64_t>>& counts() const { return counts_; }
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  struct Faults {
    std::int64_t count = 0;
    std::vector<std::string> named;
  };
  const Faults& of(Check check) const { return faults_[static_cast<std::size_t>(check)]; }

  std::array<Faults, kChecks.size()> faults_;
  std::vector<std::pair<std::string_view, std::int64_t>> counts_;
  std::vector<std::string> left_out_;
};

}  // namespace aforro::verify

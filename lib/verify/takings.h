// What an order takes from a shelf or gives back to it, as its lines and its state say and as the ledger
// says; and a balance of the two in a fixed amount of memory.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace aforro::verify {

enum class TakingReason { order, reserve, cancel, expire };

// "reserve", as the ledger writes it; nothing for what no order causes.
std::string_view to_string(TakingReason reason);
std::optional<TakingReason> parse_taking_reason(std::string_view text);

struct Taking {
  std::int64_t order;
  std::int64_t product;
  TakingReason reason;
  std::int64_t store;
  std::int64_t change;
  friend auto operator<=>(const Taking&, const Taking&) = default;
};

// Orders of neighbouring ids share an account: the sum of the hashes of what is expected of them less that of
// what was found. Nothing but equality makes it 0, short of an accident (see base/mixing.h).
class TakingBalance {
 public:
  TakingBalance() : accounts_(kAccounts) {}

  void expect(const Taking& taking);
  void find(const Taking& taking);

  std::size_t account_of(std::int64_t order) const;
  bool is_balanced(std::size_t account) const { return accounts_[account] == 0; }
  std::size_t accounts() const { return accounts_.size(); }

 private:
  static constexpr std::size_t kAccounts = 65'536;

  std::vector<std::uint64_t> accounts_;
};

}  // namespace aforro::verify

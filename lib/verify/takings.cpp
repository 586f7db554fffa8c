// Two multisets are equal if the sums of their members' hashes are: an incremental multiset hash (Clarke et
// al., "Incremental Multiset Hash Functions", 2003, the additive one). So what lines expect and what the
// ledger has can come in any order, and take 64 bits for each account however many there are. The hash need
// not withstand an attacker, as it looks for damage.
//
// 256 orders in a row share an account: with one for each order memory would grow with the shop, and with one
// for all a difference would not say where.
#include "verify/takings.h"

#include <array>
#include <cassert>

#include "base/mixing.h"

namespace aforro::verify {
namespace {

constexpr int kNeighboursLog2 = 8;  // 256 orders in a row

std::uint64_t hash_of(const Taking& taking) {
  constexpr std::uint64_t kPurpose = 0x74616B696E67;
  return Mixing(kPurpose)
      .add(taking.order)
      .add(taking.product)
      .add(static_cast<int>(taking.reason))
      .add(taking.store)
      .add(taking.change)
      .value();
}

}  // namespace

std::string_view to_string(TakingReason reason) {
  switch (reason) {
    case TakingReason::order:
      return "order";
    case TakingReason::reserve:
      return "reserve";
    case TakingReason::cancel:
      return "cancel";
    case TakingReason::expire:
      return "expire";
  }
  assert(false);
  return "";
}

std::optional<TakingReason> parse_taking_reason(std::string_view text) {
  constexpr std::array kReasons{TakingReason::order, TakingReason::reserve, TakingReason::cancel,
                                TakingReason::expire};
  for (const TakingReason reason : kReasons) {
    if (text == to_string(reason)) return reason;
  }
  return std::nullopt;
}

void TakingBalance::expect(const Taking& taking) { accounts_[account_of(taking.order)] += hash_of(taking); }
void TakingBalance::find(const Taking& taking) { accounts_[account_of(taking.order)] -= hash_of(taking); }

std::size_t TakingBalance::account_of(std::int64_t order) const {
  return (static_cast<std::uint64_t>(order) >> kNeighboursLog2) % kAccounts;
}

}  // namespace aforro::verify

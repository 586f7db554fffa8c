// Prices as spreadsheets of all countries write them, read only where they can mean one thing. Pure
// functions, for any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/money.h"

namespace aforro::bulk {

// A comma may be the decimal mark only where columns are not separated by commas.
enum class DecimalMark { point, point_or_comma };

struct ReadPrice {
  std::optional<Money> price;
  std::string fault;  // why there is none: "must be …"
};

// Takes "12", "12.5" and "12.50"; thousands in groups of three, "1,234.50", "1 234.50" and "1'234"; under
// point_or_comma "12,50" and "1.234,50" as well. Refuses what can be read in two ways ("1.234"), a currency
// sign, an exponent, a sign, more than two decimals and what is above kMaxPrice.
ReadPrice read_price(std::string_view text, DecimalMark mark);

}  // namespace aforro::bulk

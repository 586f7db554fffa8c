// What other services call the things that ours calls otherwise, for "did you mean". Constant; any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace aforro {

// The known name that is most likely meant by an unknown one: what another service calls the same
// (`price_min` for `min_price`, `minPrice` too; `--max-price` for `--price-max`), else the nearest by
// spelling (nearest_name() in base/text.h). Nothing when there is none.
std::optional<std::string_view> meant_name(std::string_view name, std::span<const std::string_view> known);

}  // namespace aforro

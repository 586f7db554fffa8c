#include "app/items.h"

#include <cstdint>
#include <limits>

#include "base/numbers.h"

namespace aforro::app {

std::optional<Item> split_item(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto product = parse_whole_number(text.substr(0, colon), 1, shop::kMaxId);
  if (!product) return std::nullopt;
  return Item{shop::ProductId(*product), text.substr(colon + 1)};
}

std::optional<std::string> item_of(const Fault& fault, std::span<const std::string> items) {
  constexpr std::string_view kBegin = "/items/";
  if (!fault.where.starts_with(kBegin)) return std::nullopt;
  const std::string_view rest = std::string_view(fault.where).substr(kBegin.size());
  const auto index =
      parse_whole_number(rest.substr(0, rest.find('/')), 0, std::numeric_limits<std::int64_t>::max());
  if (!index || static_cast<std::uint64_t>(*index) >= items.size()) return std::nullopt;
  return items[static_cast<std::size_t>(*index)];
}

}  // namespace aforro::app

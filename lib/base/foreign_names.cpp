// A client that writes `price_min` knows what it wants. Taking it for `min_price` would make two names part
// of the contract for ever; passing over it, as many services do with unknown parameters, would answer
// another question than was asked. So it is refused, with the name that is most likely meant: first what
// other services call the same, which no distance of spelling would find, then the nearest spelling.
#include "base/foreign_names.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace aforro {
namespace {

struct ForeignName {
  std::string_view theirs;  // in small letters, without what joins words
  std::string_view ours;
};

// A name of theirs may stand for several of ours: the first that is known where it was used counts.
constexpr std::array kForeignNames{
    ForeignName{"search", "q"},
    ForeignName{"query", "q"},
    ForeignName{"searchquery", "q"},
    ForeignName{"keyword", "q"},
    ForeignName{"keywords", "q"},
    ForeignName{"term", "q"},
    ForeignName{"text", "q"},
    ForeignName{"pricemin", "min_price"},
    ForeignName{"pricefrom", "min_price"},
    ForeignName{"pricegte", "min_price"},
    ForeignName{"minimumprice", "min_price"},
    ForeignName{"pricemax", "max_price"},
    ForeignName{"priceto", "max_price"},
    ForeignName{"pricelte", "max_price"},
    ForeignName{"maximumprice", "max_price"},
    ForeignName{"categoryid", "category"},
    ForeignName{"categories", "category"},
    ForeignName{"categoryname", "category"},
    ForeignName{"store", "store_id"},
    ForeignName{"shop", "store_id"},
    ForeignName{"shopid", "store_id"},
    ForeignName{"branch", "store_id"},
    ForeignName{"stock", "in_stock"},
    ForeignName{"available", "in_stock"},
    ForeignName{"availability", "in_stock"},
    ForeignName{"sortby", "sort"},
    ForeignName{"sorting", "sort"},
    ForeignName{"order", "sort"},
    ForeignName{"orderby", "sort"},
    ForeignName{"ordering", "sort"},
    ForeignName{"perpage", "page_size"},
    ForeignName{"limit", "page_size"},
    ForeignName{"size", "page_size"},
    ForeignName{"pagelimit", "page_size"},
    ForeignName{"pagesize", "limit"},
    ForeignName{"perpage", "limit"},
    ForeignName{"size", "limit"},
    ForeignName{"offset", "page"},
    ForeignName{"offset", "cursor"},
    ForeignName{"page", "cursor"},
    ForeignName{"quantity", "quantity_requested"},
    ForeignName{"qty", "quantity_requested"},
    ForeignName{"count", "quantity_requested"},
    ForeignName{"amount", "quantity_requested"},
    ForeignName{"requestedquantity", "quantity_requested"},
    ForeignName{"quantity", "max_quantity"},
    ForeignName{"product", "product_id"},
    ForeignName{"item", "product_id"},
    ForeignName{"itemid", "product_id"},
    ForeignName{"id", "product_id"},
    ForeignName{"lines", "items"},
    ForeignName{"products", "items"},
    ForeignName{"orderitems", "items"},
    ForeignName{"lineitems", "items"},
    ForeignName{"email", "customer_email"},
    ForeignName{"customer", "customer_email"},
    ForeignName{"reserve", "reserve_for"},
    ForeignName{"hold", "reserve_for"},
    ForeignName{"holdfor", "reserve_for"},
    ForeignName{"ttl", "reserve_for"},
};

// "Price-Min", "priceMin" and "price__min" are one.
std::string squeezed(std::string_view name) {
  std::string letters;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == '.') continue;
    letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return letters;
}

// The known name that is the same but for how its words are joined.
std::optional<std::string_view> same_name(std::string_view letters, std::span<const std::string_view> known) {
  const auto same = std::find_if(known.begin(), known.end(),
                                 [&](std::string_view candidate) { return squeezed(candidate) == letters; });
  return same == known.end() ? std::nullopt : std::optional(*same);
}

}  // namespace

std::optional<std::string_view> meant_name(std::string_view name, std::span<const std::string_view> known) {
  const std::string letters = squeezed(name);
  if (letters.empty()) return std::nullopt;
  if (const auto same = same_name(letters, known)) return same;
  for (const ForeignName& foreign : kForeignNames) {
    if (foreign.theirs != letters) continue;
    if (const auto ours = same_name(squeezed(foreign.ours), known)) return ours;
  }
  return nearest_name(name, known);
}

}  // namespace aforro

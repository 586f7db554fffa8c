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

constexpr std::size_t kMaxNameBytes = 64;  // of one that is looked at closely, as nearest_name() does

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
    ForeignName{"s", "q"},
    ForeignName{"title", "q"},
    ForeignName{"name", "q"},
    ForeignName{"product", "q"},
    ForeignName{"productname", "q"},
    ForeignName{"pricemin", "min_price"},
    ForeignName{"pricefrom", "min_price"},
    ForeignName{"pricegte", "min_price"},
    ForeignName{"pricegt", "min_price"},
    ForeignName{"pricege", "min_price"},
    ForeignName{"pricestart", "min_price"},
    ForeignName{"pricelow", "min_price"},
    ForeignName{"lowestprice", "min_price"},
    ForeignName{"minpricegte", "min_price"},
    ForeignName{"priceabove", "min_price"},
    ForeignName{"priceover", "min_price"},
    ForeignName{"minimumprice", "min_price"},
    ForeignName{"pricemax", "max_price"},
    ForeignName{"priceto", "max_price"},
    ForeignName{"pricelte", "max_price"},
    ForeignName{"pricelt", "max_price"},
    ForeignName{"pricele", "max_price"},
    ForeignName{"priceend", "max_price"},
    ForeignName{"pricehigh", "max_price"},
    ForeignName{"highestprice", "max_price"},
    ForeignName{"maxpricelte", "max_price"},
    ForeignName{"pricebelow", "max_price"},
    ForeignName{"priceunder", "max_price"},
    ForeignName{"maximumprice", "max_price"},
    ForeignName{"categoryid", "category"},
    ForeignName{"categories", "category"},
    ForeignName{"cat", "category"},
    ForeignName{"categoryslug", "category"},
    ForeignName{"department", "category"},
    ForeignName{"categoryname", "category"},
    ForeignName{"store", "store_id"},
    ForeignName{"shop", "store_id"},
    ForeignName{"shopid", "store_id"},
    ForeignName{"branch", "store_id"},
    ForeignName{"stock", "in_stock"},
    ForeignName{"available", "in_stock"},
    ForeignName{"availability", "in_stock"},
    ForeignName{"isavailable", "in_stock"},
    ForeignName{"availableonly", "in_stock"},
    ForeignName{"instockonly", "in_stock"},
    ForeignName{"isinstock", "in_stock"},
    ForeignName{"hasstock", "in_stock"},
    ForeignName{"stockgt", "in_stock"},
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
    ForeignName{"itemsperpage", "page_size"},
    ForeignName{"resultsperpage", "page_size"},
    ForeignName{"rows", "page_size"},
    ForeignName{"count", "page_size"},
    ForeignName{"first", "page_size"},
    ForeignName{"itemsperpage", "limit"},
    ForeignName{"rows", "limit"},
    ForeignName{"count", "limit"},
    ForeignName{"first", "limit"},
    ForeignName{"max", "limit"},
    ForeignName{"pagenumber", "page"},
    ForeignName{"pageno", "page"},
    ForeignName{"pagenum", "page"},
    ForeignName{"p", "page"},
    ForeignName{"skip", "page"},
    ForeignName{"start", "page"},
    ForeignName{"after", "cursor"},
    ForeignName{"skip", "cursor"},
    ForeignName{"start", "cursor"},
    ForeignName{"pagenumber", "cursor"},
    ForeignName{"nextcursor", "cursor"},
    ForeignName{"offset", "page"},
    ForeignName{"offset", "cursor"},
    ForeignName{"page", "cursor"},
    ForeignName{"quantity", "quantity_requested"},
    ForeignName{"qty", "quantity_requested"},
    ForeignName{"count", "quantity_requested"},
    ForeignName{"amount", "quantity_requested"},
    ForeignName{"requestedquantity", "quantity_requested"},
    ForeignName{"quantity", "max_quantity"},
    ForeignName{"quantitylte", "max_quantity"},
    ForeignName{"quantitymax", "max_quantity"},
    ForeignName{"quantitylt", "max_quantity"},
    ForeignName{"maxstock", "max_quantity"},
    ForeignName{"state", "status"},
    ForeignName{"orderstatus", "status"},
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

// What other services put behind a name to say how it is to be compared, `price__gte` or `category[in]`; or
// around it, `filter[store]`. Without it a name is the same.
constexpr auto kComparisons = std::to_array<std::string_view>(
    {"exact", "iexact", "eq", "equals", "is", "in", "any", "contains", "icontains", "search", "startswith",
     "istartswith", "like", "ilike", "match", "id", "pk", "name", "value"});
constexpr auto kFilters = std::to_array<std::string_view>({"filter", "filters", "where", "params", "query"});
constexpr std::string_view kJoints = "_-.[] :";

// "Price-Min", "priceMin", "price__min" and "price[min]" are one.
std::string squeezed(std::string_view name) {
  std::string letters;
  for (const char c : name) {
    if (kJoints.find(c) != kJoints.npos) continue;
    letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return letters;
}

bool is_one_of(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The name without a comparison behind it and a filter around it; nothing if it has neither.
std::optional<std::string> bare_name(std::string_view name) {
  const auto without_joints = [](std::string_view part) {
    const std::size_t begin = std::min(part.find_first_not_of(kJoints), part.size());
    return part.substr(begin, part.find_last_not_of(kJoints) + 1 - begin);
  };
  std::string_view bare = without_joints(name);
  const std::size_t first = bare.find_first_of(kJoints);
  if (first != bare.npos && is_one_of(kFilters, squeezed(bare.substr(0, first))))
    bare = without_joints(bare.substr(first));
  const std::size_t last = bare.find_last_of(kJoints);
  if (last != bare.npos && is_one_of(kComparisons, squeezed(bare.substr(last))))
    bare = without_joints(bare.substr(0, last));
  return bare == name ? std::nullopt : std::optional<std::string>(bare);
}

// The known name that is the same but for how its words are joined.
std::optional<std::string_view> same_name(std::string_view letters, std::span<const std::string_view> known) {
  const auto same = std::find_if(known.begin(), known.end(),
                                 [&](std::string_view candidate) { return squeezed(candidate) == letters; });
  return same == known.end() ? std::nullopt : std::optional(*same);
}

// The known name that is the same, or that others call so.
std::optional<std::string_view> known_name(std::string_view name, std::span<const std::string_view> known) {
  const std::string letters = squeezed(name);
  if (letters.empty()) return std::nullopt;
  if (const auto same = same_name(letters, known)) return same;
  for (const ForeignName& foreign : kForeignNames) {
    if (foreign.theirs != letters) continue;
    if (const auto ours = same_name(squeezed(foreign.ours), known)) return ours;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> meant_name(std::string_view name, std::span<const std::string_view> known) {
  if (squeezed(name).empty()) return std::nullopt;
  if (const auto meant = known_name(name, known)) return meant;
  const auto bare = name.size() <= kMaxNameBytes ? bare_name(name) : std::nullopt;
  if (const auto meant = bare ? known_name(*bare, known) : std::nullopt) return meant;
  const auto nearest = nearest_name(name, known);
  return nearest || !bare ? nearest : nearest_name(*bare, known);
}

}  // namespace aforro

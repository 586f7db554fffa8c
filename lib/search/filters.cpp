#include "search/filters.h"

#include <array>

namespace aforro::search {
namespace {

constexpr std::array<sql::Text, kMaxCategories> kCategorySlots{"$7",  "$8",  "$9",  "$10", "$11",
                                                               "$12", "$13", "$14", "$15", "$16"};

std::optional<std::int64_t> minor_units(const std::optional<Money>& price) {
  return price ? std::optional(price->minor_units()) : std::nullopt;
}

}  // namespace

Filters::Filters(sql::Connection& connection, const SearchQuery& query)
    : by_category_(query.by_category),
      min_price_(minor_units(query.min_price)),
      max_price_(minor_units(query.max_price)),
      in_stock_(query.in_stock) {
  if (query.store) store_ = query.store->value();
  for (const auto id : query.category_ids) categories_.push_back(id.value());
  sql::ParamRows keys;
  for (const std::string& key : query.category_keys) keys.add({key});
  if (keys.size() == 0) return;
  connection.for_each("SELECT id FROM categories WHERE name_key = $1", keys,
                      [&](std::size_t, const sql::Row& row) { categories_.push_back(row.integer(0)); });
}

void Filters::add_to(sql::Composed& text, bool is_only_stocked) const {
  if (categories_.size() == 1) {
    // A list of one would keep an index of the category from giving the order.
    text += " AND p.category_id = ";
    text += kCategorySlots[0];
  } else if (by_category_) {
    // No category has the id 0, so that the list is valid, and finds nothing, without any.
    text += " AND p.category_id IN (0";
    for (std::size_t i = 0; i < categories_.size(); ++i) {
      text += ", ";
      text += kCategorySlots[i];
    }
    text += ")";
  }
  if (min_price_) text += " AND p.price_minor >= $3";
  if (max_price_) text += " AND p.price_minor <= $4";
  if (!in_stock_ || is_only_stocked) return;
  if (store_) {
    text +=
        " AND EXISTS (SELECT 1 FROM inventory s WHERE s.store_id = $2 AND s.product_id = p.id AND s.quantity "
        "> 0)";
  } else {
    text += " AND EXISTS (SELECT 1 FROM inventory s WHERE s.product_id = p.id AND s.quantity > 0)";
  }
}

std::vector<sql::Param> Filters::params(std::string_view question, std::int64_t limit, std::int64_t offset,
                                        std::span<const std::string> more) const {
  std::vector<sql::Param> params{
      question, store_.value_or(0), min_price_.value_or(0), max_price_.value_or(0), limit, offset};
  for (const std::int64_t id : categories_) params.emplace_back(id);
  params.resize(params.size() + kMaxCategories - categories_.size(), sql::Param(std::int64_t{0}));
  for (const std::string& text : more) params.emplace_back(text);
  return params;
}

Filters Filters::without_category() const {
  Filters other = *this;
  other.by_category_ = false;
  other.categories_.clear();
  return other;
}

Filters Filters::without_price() const {
  Filters other = *this;
  other.min_price_.reset();
  other.max_price_.reset();
  return other;
}

}  // namespace aforro::search

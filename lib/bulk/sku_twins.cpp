#include "bulk/sku_twins.h"

#include <algorithm>

#include "base/lookalike.h"

namespace aforro::bulk {

std::string looks_like(const std::string& sku, const std::string& other) {
  const auto foreign = foreign_character(sku);
  return "the sku " + shown(sku) + (foreign ? " (with " + *foreign + ")" : "") + " looks like " +
         shown(other);
}

void MissingSkus::add(std::int64_t line, const std::string& sku) {
  if (first_.size() < BadRows::kKept) first_.push_back({line, sku, look_of(sku)});
}

void MissingSkus::explain(shop::Catalogue& catalogue, BadRows& bad) const {
  if (first_.empty()) return;
  std::vector<std::string> twins(first_.size());
  catalogue.for_each_sku([&](std::string_view sku) {
    const std::string look = look_of(sku);
    for (std::size_t i = 0; i < first_.size(); ++i) {
      if (twins[i].empty() && first_[i].look == look) twins[i] = sku;
    }
  });
  for (std::size_t i = 0; i < first_.size(); ++i) {
    if (!twins[i].empty())
      bad.explain(first_[i].line, looks_like(first_[i].sku, twins[i]) + ", which is there");
  }
}

}  // namespace aforro::bulk

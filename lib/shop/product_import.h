// A file of products, read and checked as a whole, then put into the catalogue in short transactions. Broken
// off, it is finished by doing it again: what is there already stays as it is, as far as the products have
// SKUs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/time.h"
#include "shop/catalogue.h"
#include "shop/import_table.h"

namespace aforro::shop {

// `price` in decimals or `price_minor` in whole cents, not both.
inline constexpr std::array<std::string_view, 6> kProductFields = {"sku",   "title",       "description",
                                                                   "price", "price_minor", "category"};

struct ProductFile {
  std::vector<ProductEntry> entries;  // no SKU twice
  BadRows bad;
  std::int64_t without_sku = 0;  // entries that make another product each time
};

// Reads CSV. Texts are trimmed and brought to NFC. `category` is that of rows that name none. A row is bad if
// a text, a price or the number of its fields is wrong, or if an earlier row that is taken has its SKU.
//
// Throws Problem (invalid) for a file that cannot be read as a whole: a column missing or there twice, a
// quote that is not closed, a `category` that cannot be stored.
ProductFile read_products(std::string_view csv, const ColumnNames& names,
                          const std::optional<std::string>& category);

struct ProductCounts {
  std::int64_t created = 0;
  std::int64_t changed = 0;
  std::int64_t unchanged = 0;
};

// Puts them in; `progress` is told how many are done.
ProductCounts import_products(Catalogue& catalogue, std::span<const ProductEntry> entries, const Clock& clock,
                              FunctionRef<void(std::size_t done)> progress);

// What import_products() would count.
ProductCounts preview_import(Catalogue& catalogue, std::span<const ProductEntry> entries);

}  // namespace aforro::shop

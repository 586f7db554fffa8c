// A file of products, read and checked as a whole, then put into the catalogue in short transactions. Broken
// off, it is finished by doing it again: what is there already stays as it is, as far as the products have
// SKUs. A file without all that a new product needs changes products that are there.
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
#include "bulk/import_table.h"
#include "shop/catalogue.h"

namespace aforro::bulk {

// `price` in decimals or `price_minor` in whole cents, not both. `product_id` only names what is changed.
inline constexpr std::array<std::string_view, 7> kProductFields = {
    "sku", "product_id", "title", "description", "price", "price_minor", "category"};

struct ProductFile {
  struct Update {
    std::int64_t line;
    shop::ProductName product;
    shop::ProductChange change;  // its id is not known yet
  };

  std::vector<shop::ProductEntry> entries;  // no SKU twice
  std::vector<std::int64_t> lines;          // of the entries
  std::vector<Update> updates;              // instead of entries; no product named twice
  std::vector<std::string> lacks;           // columns without which there are only updates
  BadRows bad;
  BadRows doubtful;              // rows that are taken though their SKU may be a slip
  std::int64_t without_sku = 0;  // entries that make another product each time
  ImportShape shape;
};

// Reads CSV. Texts are trimmed and brought to NFC. `category` is that of rows that name none. A row is bad if
// a text, a price or the number of its fields is wrong, if its SKU has a character that cannot be seen, or if
// an earlier row that is taken has its SKU. It is doubtful if its SKU looks like that of an earlier row, or
// like a number that a spreadsheet has shortened.
//
// A file with `sku` or `product_id` that lacks a title, a price or a category has updates. A `product_id`
// names products only where it is mapped, or where there is neither `sku` nor `title`: else it may well be
// another program's.
//
// Throws Problem (invalid) for a file that cannot be read as a whole: columns missing (all are named) or
// there twice, a quote that is not closed, a `category` that cannot be stored.
ProductFile read_products(std::string_view csv, const ColumnNames& names,
                          const std::optional<std::string>& category,
                          std::optional<char> separator = std::nullopt);

// What the file's updates change. Updates whose product does not exist become bad rows, which say which SKU
// looks like theirs.
std::vector<shop::ProductChange> find_changes(shop::Catalogue& catalogue, ProductFile& file);

// Marks as doubtful each entry that would make a product whose SKU looks like another product's.
void doubt_look_alikes(shop::Catalogue& catalogue, ProductFile& file);

struct ProductCounts {
  std::int64_t created = 0;
  std::int64_t changed = 0;
  std::int64_t unchanged = 0;
};

// Puts them in; `progress` is told how many are done.
ProductCounts import_products(shop::Catalogue& catalogue, std::span<const shop::ProductEntry> entries,
                              const Clock& clock, FunctionRef<void(std::size_t done)> progress);

ProductCounts import_changes(shop::Catalogue& catalogue, std::span<const shop::ProductChange> changes,
                             const Clock& clock, FunctionRef<void(std::size_t done)> progress);

// What import_products() and import_changes() would count.
ProductCounts preview_import(shop::Catalogue& catalogue, std::span<const shop::ProductEntry> entries);
ProductCounts preview_import(shop::Catalogue& catalogue, std::span<const shop::ProductChange> changes);

}  // namespace aforro::bulk

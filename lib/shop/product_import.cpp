#include "shop/product_import.h"

#include <unordered_map>
#include <utility>

#include "base/numbers.h"
#include "base/problem.h"
#include "base/text.h"
#include "shop/pieces.h"

namespace aforro::shop {
namespace {

constexpr std::size_t kOrdinaryBytes = 256;  // of a product's text

void choose_price(ImportTable& table) {
  table.require_any({"price", "price_minor"});
  table.prefer_named("price", "price_minor");
  if (!table.has("price") || !table.has("price_minor")) return;
  throw Problem(
      Problem::Kind::invalid,
      "there are columns for both price and price_minor; say which one counts with --map price=COLUMN or"
      " --map price_minor=COLUMN");
}

Money read_price(const ImportTable& table, RowFaults& faults) {
  if (table.has("price")) {
    const auto price = Money::parse_price(table.cell("price"));
    if (!price) faults.add("the price must be 0 to 9999999.99 with at most two decimals");
    return price.value_or(Money());
  }
  const auto minor = parse_whole_number(table.cell("price_minor"), 0, kMaxPrice.minor_units());
  if (!minor) faults.add("the price_minor must be whole cents from 0 to 999999999");
  return Money::from_minor(minor.value_or(0));
}

// Reads the cell of a text field; what comes back may be stored if no fault was added.
std::string read_text(std::string_view name, std::string_view cell, std::size_t min, std::size_t max,
                      RowFaults& faults) {
  faults.add_if(name, text_fault(cell, min, max));
  return normalize(cell);
}

ProductEntry read_entry(const ImportTable& table, const std::optional<std::string>& category,
                        RowFaults& faults) {
  ProductEntry entry;
  if (const std::string_view sku = table.cell("sku"); !sku.empty()) {
    entry.sku = read_text("sku", sku, 1, kMaxSkuCharacters, faults);
  }
  entry.title = read_text("title", table.cell("title"), 1, kMaxTitleCharacters, faults);
  if (table.has("description")) {
    entry.description =
        read_text("description", table.cell("description"), 0, kMaxDescriptionCharacters, faults);
  }
  entry.price = read_price(table, faults);
  const std::string_view own_category = table.cell("category");
  entry.category = own_category.empty() && category
                       ? *category
                       : read_text("category", own_category, 1, kMaxNameCharacters, faults);
  return entry;
}

std::optional<std::string> read_category(const std::optional<std::string>& given) {
  if (!given) return std::nullopt;
  const std::string_view name = trim(*given);
  if (const auto fault = text_fault(name, 1, kMaxNameCharacters)) {
    throw Problem(Problem::Kind::invalid, "the category " + *fault);
  }
  return normalize(name);
}

void count(ProductCounts& counts, std::span<const Put> done) {
  for (const Put put : done) {
    ++(put == Put::created ? counts.created : put == Put::changed ? counts.changed : counts.unchanged);
  }
}

std::size_t weight(const ProductEntry& entry) {
  return 1 + (entry.title.size() + (entry.description ? entry.description->size() : 0)) / kOrdinaryBytes;
}

}  // namespace

ProductFile read_products(std::string_view csv, const ColumnNames& names,
                          const std::optional<std::string>& category) {
  const std::optional<std::string> default_category = read_category(category);
  ImportTable table(csv, kProductFields, names);
  table.require_any({"title"});
  choose_price(table);
  if (!default_category) table.require_any({"category"});

  ProductFile file;
  std::unordered_map<std::string, std::int64_t> line_of_sku;
  while (table.next()) {
    if (auto fault = table.fault()) {
      file.bad.add(table.line(), std::move(*fault));
      continue;
    }
    RowFaults faults;
    ProductEntry entry = read_entry(table, default_category, faults);
    if (faults.none() && entry.sku) {
      const auto [first, is_new] = line_of_sku.try_emplace(*entry.sku, table.line());
      if (!is_new)
        faults.add("the sku " + shown(*entry.sku) + " is that of line " + std::to_string(first->second));
    }
    if (!faults.none()) {
      file.bad.add(table.line(), faults.take());
      continue;
    }
    if (!entry.sku) ++file.without_sku;
    file.entries.push_back(std::move(entry));
  }
  return file;
}

ProductCounts import_products(Catalogue& catalogue, std::span<const ProductEntry> entries, const Clock& clock,
                              FunctionRef<void(std::size_t done)> progress) {
  ProductCounts counts;
  in_pieces(
      entries.size(), clock, [&](std::size_t row) { return weight(entries[row]); },
      [&](Piece piece) { count(counts, catalogue.put_products(entries.subspan(piece.from, piece.count))); },
      progress);
  return counts;
}

ProductCounts preview_import(Catalogue& catalogue, std::span<const ProductEntry> entries) {
  ProductCounts counts;
  count(counts, catalogue.preview_products(entries));
  return counts;
}

}  // namespace aforro::shop

// Files of products and of counted shelves, whatever their bytes. What is taken may be stored as it is;
// written as a file again it is taken again, the same; and every row is either taken or counted as bad.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/csv.h"
#include "base/text.h"
#include "fuzz.h"
#include "shop/inventory_import.h"
#include "shop/product_import.h"
#include "shop/schema.h"
#include "shop/types.h"
#include "sql/sqlite.h"

namespace {

using namespace aforro;        // NOLINT: of several parts
using namespace aforro::shop;  // NOLINT
using fuzz::require;

std::int64_t rows_of(std::string_view csv) {
  CsvReader reader(csv);
  CsvRecord record;
  std::int64_t rows = -1;  // the first names the columns
  while (reader.next(record)) ++rows;
  return rows;
}

bool is_storable(std::string_view text, std::size_t min, std::size_t max) {
  return !text_fault(text, min, max) && normalize(text) == text;
}

void check_bad(const BadRows& bad) {
  require(bad.first().size() == std::min<std::size_t>(static_cast<std::size_t>(bad.count()), BadRows::kKept));
  for (const BadRow& row : bad.first())
    require(row.line > 1 && is_valid_utf8(row.reason) && !row.reason.empty());
}

void check_entries(const ProductFile& file) {
  std::set<std::string> skus;
  for (const ProductEntry& entry : file.entries) {
    require(is_storable(entry.title, 1, kMaxTitleCharacters) && trim(entry.title) == entry.title);
    require(is_storable(entry.category, 1, kMaxNameCharacters));
    if (entry.description) require(is_storable(*entry.description, 0, kMaxDescriptionCharacters));
    require(entry.price >= Money() && entry.price <= kMaxPrice);
    if (!entry.sku) continue;
    require(is_storable(*entry.sku, 1, kMaxSkuCharacters));
    require(skus.insert(*entry.sku).second);
  }
  require(file.without_sku + static_cast<std::int64_t>(skus.size()) ==
          static_cast<std::int64_t>(file.entries.size()));
}

std::string written(const ProductFile& file) {
  std::string csv = "sku,title,description,price,category\r\n";
  for (const ProductEntry& entry : file.entries) {
    const std::vector<std::string> fields = {entry.sku.value_or(""), entry.title,
                                             entry.description.value_or(""), entry.price.to_string(),
                                             entry.category};
    append_csv_record(csv, fields);
  }
  return csv;
}

void check_products(std::string_view csv) {
  const auto file = fuzz::unless_refused([&] { return read_products(csv, {}, "Things"); });
  if (!file) return;
  check_bad(file->bad);
  check_entries(*file);
  require(static_cast<std::int64_t>(file->entries.size()) + file->bad.count() == rows_of(csv));

  const ProductFile again = read_products(written(*file), {}, std::nullopt);
  require(again.bad.count() == 0 && again.entries.size() == file->entries.size());
  for (std::size_t i = 0; i < again.entries.size(); ++i) {
    const ProductEntry& one = file->entries[i];
    const ProductEntry& other = again.entries[i];
    require(one.sku == other.sku && one.title == other.title && one.price == other.price);
    require(one.category == other.category && one.description.value_or("") == other.description);
  }
}

// Two stores and three products to name; only ever read after it was made.
struct Shop {
  std::filesystem::path folder;
  SystemClock clock;
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<Catalogue> catalogue;

  Shop() {
    std::string name = (std::filesystem::temp_directory_path() / "aforro-fuzz-XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr);
    folder = name;
    database = sql::open_sqlite(folder / "shop.db", schema(), {.missing = sql::Missing::create});
    catalogue = std::make_unique<Catalogue>(*database, clock);
    catalogue->put_products(
        read_products("sku,title,price,category\nA,a,1,x\nB,b,1,x\nCAF\xC3\x89,c,1,x\n", {}, std::nullopt)
            .entries);
    catalogue->create_store("North", "");
    catalogue->create_store("Caf\xC3\xA9", "");
  }
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;
  ~Shop() {
    database.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
};

void check_inventory(std::string_view csv, UnknownStores unknown) {
  static const Shop shop;
  const auto file = fuzz::unless_refused([&] { return read_inventory(csv, {}, unknown, *shop.catalogue); });
  if (!file) return;
  check_bad(file->bad);
  require(static_cast<std::int64_t>(file->rows.size()) + file->bad.count() == rows_of(csv));
  std::set<std::pair<std::size_t, std::int64_t>> shelves;
  std::set<std::size_t> named;
  for (const InventoryFile::Row& row : file->rows) {
    require(row.store < file->stores.size());
    require(row.product.value() >= 1 && row.product.value() <= 3);
    require(row.quantity >= 0 && row.quantity <= kMaxStock);
    require(shelves.insert({row.store, row.product.value()}).second);
    named.insert(row.store);
  }
  require(named.size() == file->stores.size());
  std::set<std::string> keys;
  for (const InventoryFile::NamedStore& store : file->stores) {
    require(is_storable(store.name, 1, kMaxNameCharacters));
    require(keys.insert(fold(store.name)).second);
    require(store.id ? store.id->value() <= 2 : unknown == UnknownStores::create);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view csv = fuzz::text_of(data, size);
  check_products(csv);
  check_inventory(csv, UnknownStores::refuse);
  check_inventory(csv, UnknownStores::create);
  return 0;
}

// Files of products and of counted shelves, whatever their bytes. What is taken may be stored as it is;
// written as a file again it is taken again, the same; and every row is either taken or counted as bad.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/csv.h"
#include "base/lookalike.h"
#include "base/text.h"
#include "bulk/inventory_import.h"
#include "bulk/product_import.h"
#include "fuzz.h"
#include "shop/schema.h"
#include "shop/types.h"
#include "sql/sqlite.h"

namespace {

using namespace aforro;        // NOLINT: of several parts
using namespace aforro::shop;  // NOLINT
using namespace aforro::bulk;  // NOLINT
using fuzz::require;

bool is_blank(const CsvRecord& record) {
  return !record.fault && std::all_of(record.fields.begin(), record.fields.end(),
                                      [](const std::string& field) { return trim(field).empty(); });
}

// Blank whatever separates its fields, as rows before the names of the columns may be.
bool is_only_separators(CsvRecord record) {
  for (std::string& field : record.fields) {
    for (char& c : field) c = kCsvSeparators.find(c) == std::string_view::npos ? c : ' ';
  }
  return is_blank(record);
}

// Behind the names of the columns, blank ones left out.
std::int64_t rows_of(std::string_view csv, const ImportShape& shape) {
  if (const auto line = read_separator_line(csv)) csv.remove_prefix(line->bytes);
  CsvReader reader(csv, shape.separator);
  CsvRecord record;
  std::int64_t rows = -1;
  while (reader.next(record)) {
    if (rows == -1 ? !is_only_separators(record) : !is_blank(record)) ++rows;
  }
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
    require(is_storable(*entry.sku, 1, kMaxSkuCharacters) && !invisible_character(*entry.sku));
    require(look_of(*entry.sku) == look_of(look_of(*entry.sku)));
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

void check_products(std::string_view csv, const std::optional<std::string>& category) {
  const auto file = fuzz::unless_refused([&] { return read_products(csv, {}, category); });
  if (!file) return;
  check_bad(file->bad);
  check_entries(*file);
  check_bad(file->doubtful);
  require(file->entries.empty() || file->updates.empty());
  require(file->lines.size() == file->entries.size());
  require(file->updates.empty() || !file->lacks.empty());
  for (const ProductFile::Update& update : file->updates) {
    if (update.change.title) require(is_storable(*update.change.title, 1, kMaxTitleCharacters));
    if (update.change.price) require(*update.change.price >= Money() && *update.change.price <= kMaxPrice);
  }
  const std::size_t taken = file->entries.size() + file->updates.size();
  require(static_cast<std::int64_t>(taken) + file->bad.count() == rows_of(csv, file->shape));

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
  require(static_cast<std::int64_t>(file->rows.size()) + file->bad.count() == rows_of(csv, file->shape));
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
  check_products(csv, "Things");
  check_products(csv, std::nullopt);
  check_inventory(csv, UnknownStores::refuse);
  check_inventory(csv, UnknownStores::create);
  return 0;
}

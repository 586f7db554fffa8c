// Rows are read before their products are looked up, and looked up a thousand together in one snapshot: a
// look for each row would make a file of a million rows a million transactions. Whether two rows are of one
// shelf can only be told after that, since one may name the product by its SKU and the other by its id.
#include "bulk/inventory_import.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/numbers.h"
#include "base/text.h"
#include "bulk/sku_twins.h"
#include "shop/pieces.h"

namespace aforro::bulk {
namespace {

constexpr std::size_t kLookedUpTogether = 1'000;

// A row as it stands in the file, before its product is looked up.
struct ReadRow {
  std::int64_t line;
  RowFaults faults;
  std::size_t store = 0;
  std::optional<std::string> sku;
  std::optional<shop::ProductId> product_id;
  std::int64_t quantity = 0;
};

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The shop's stores, and which of them the file names.
class StoreNames {
 public:
  StoreNames(std::vector<shop::Store> stores, UnknownStores unknown) : unknown_(unknown) {
    for (shop::Store& store : stores) {
      by_key_.emplace(fold(store.name), store.id);
      by_id_.emplace(store.id.value(), std::move(store.name));
    }
  }

  // The place in named() of the store that a cell names.
  std::size_t read(std::string_view cell, RowFaults& faults) {
    if (const auto fault = text_fault(cell, 1, shop::kMaxNameCharacters)) {
      faults.add_if("store", fault);
      return 0;
    }
    if (is_digits(cell)) {
      const auto id = parse_whole_number(cell, 1, shop::kMaxId);
      const auto store = id ? by_id_.find(*id) : by_id_.end();
      if (store != by_id_.end())
        return place_of(fold(store->second), store->second, shop::StoreId(store->first));
    }
    const std::string key = fold(cell);
    if (const auto store = by_key_.find(key); store != by_key_.end()) {
      return place_of(key, by_id_.at(store->second.value()), store->second);
    }
    if (unknown_ == UnknownStores::create && !is_digits(cell))
      return place_of(key, normalize(cell), std::nullopt);
    faults.add("there is no store " + shown(cell));
    return 0;
  }

  const std::vector<InventoryFile::NamedStore>& named() const { return named_; }

 private:
  std::size_t place_of(const std::string& key, const std::string& name, std::optional<shop::StoreId> id) {
    const auto [place, is_new] = places_.try_emplace(key, named_.size());
    if (is_new) named_.push_back({name, id});
    return place->second;
  }

  const UnknownStores unknown_;
  std::vector<InventoryFile::NamedStore> named_;
  std::unordered_map<std::int64_t, std::string> by_id_;
  std::unordered_map<std::string, shop::StoreId> by_key_;
  std::unordered_map<std::string, std::size_t> places_;  // in named_, by key
};

void read_product(const ImportTable& table, ReadRow& row) {
  const std::string_view sku = table.cell("sku");
  const std::string_view id = table.cell("product_id");
  if (sku.empty() && id.empty()) {
    row.faults.add(table.has("sku") && table.has("product_id") ? "the row names no product"
                   : table.has("sku")                          ? "the sku must not be empty"
                                                               : "the product_id must not be empty");
  }
  if (!sku.empty()) {
    const auto fault = sku_fault(sku);
    row.faults.add_if("sku", fault);
    if (!fault) row.sku = normalize(sku);
  }
  if (!id.empty()) {
    const auto number = parse_whole_number(id, 1, shop::kMaxId);
    if (!number) row.faults.add("the product_id must be a whole number of at least 1");
    if (number) row.product_id = shop::ProductId(*number);
  }
}

ReadRow read_row(const ImportTable& table, StoreNames& stores) {
  ReadRow row{.line = table.line(), .faults = {}, .sku = {}, .product_id = {}};
  if (const auto fault = table.fault()) {
    row.faults.add(*fault);
    return row;
  }
  read_product(table, row);
  const auto quantity = parse_whole_number(table.cell("quantity"), 0, shop::kMaxStock);
  if (!quantity)
    row.faults.add("the quantity must be a whole number from 0 to " + std::to_string(shop::kMaxStock));
  row.quantity = quantity.value_or(0);
  row.store = stores.read(table.cell("store"), row.faults);
  return row;
}

// Finds the products of some rows in one snapshot, and takes those rows that have no fault.
class ShelfRows {
 public:
  ShelfRows(shop::Catalogue& catalogue, const StoreNames& stores, InventoryFile& file)
      : catalogue_(catalogue), stores_(stores), file_(file) {}

  void take(std::vector<ReadRow>& rows) {
    std::vector<shop::ProductName> names;
    for (const ReadRow& row : rows) {
      if (row.sku) names.emplace_back(*row.sku);
      if (row.product_id) names.emplace_back(*row.product_id);
    }
    const auto found = catalogue_.find_products(names);
    auto next = found.begin();
    for (ReadRow& row : rows) {
      const auto by_sku = row.sku ? *next++ : std::nullopt;
      const auto by_id = row.product_id ? *next++ : std::nullopt;
      if (row.sku && !by_sku) {
        row.faults.add("there is no product with the sku " + shown(*row.sku));
        missing_.add(row.line, *row.sku);
      }
      if (row.product_id && !by_id) {
        row.faults.add("there is no product " + std::to_string(row.product_id->value()));
      }
      if (by_sku && by_id && *by_sku != *by_id) {
        row.faults.add("the sku is that of product " + std::to_string(by_sku->value()) + ", not of " +
                       std::to_string(by_id->value()));
      }
      const auto product = by_sku ? by_sku : by_id;
      if (product && row.faults.none()) note_shelf(row, *product);
      if (row.faults.none()) {
        file_.rows.push_back({place_in_file(row.store), *product, row.quantity});
      } else {
        file_.bad.add(row.line, row.faults.take());
      }
    }
    rows.clear();
  }

  void explain_missing() { missing_.explain(catalogue_, file_.bad); }

 private:
  void note_shelf(ReadRow& row, shop::ProductId product) {
    if (lines_.size() <= row.store) lines_.resize(row.store + 1);
    const auto [line, is_new] = lines_[row.store].try_emplace(product.value(), row.line);
    if (!is_new) row.faults.add("the store and product are those of line " + std::to_string(line->second));
  }

  // A store that only bad rows name is none of the file's, and not made.
  std::size_t place_in_file(std::size_t store) {
    const auto [place, is_new] = places_.try_emplace(store, file_.stores.size());
    if (is_new) file_.stores.push_back(stores_.named()[store]);
    return place->second;
  }

  shop::Catalogue& catalogue_;
  const StoreNames& stores_;
  InventoryFile& file_;
  MissingSkus missing_;
  std::unordered_map<std::size_t, std::size_t> places_;                // in the file, by place in named()
  std::vector<std::unordered_map<std::int64_t, std::int64_t>> lines_;  // by store, by product
};

std::vector<shop::StockCount> counts_of(const InventoryFile& file,
                                        const std::vector<std::optional<shop::StoreId>>& stores,
                                        shop::Piece piece) {
  std::vector<shop::StockCount> counts;
  for (std::size_t i = piece.from; i < piece.from + piece.count; ++i) {
    const InventoryFile::Row& row = file.rows[i];
    if (const auto& store = stores[row.store]) counts.push_back({*store, row.product, row.quantity});
  }
  return counts;
}

}  // namespace

InventoryFile read_inventory(std::string_view csv, const ColumnNames& names, UnknownStores unknown,
                             shop::Catalogue& catalogue, std::optional<char> separator) {
  ImportTable table(csv, kInventoryFields, names, separator);
  table.require(std::vector<AnyOf>{{"store"}, {"sku", "product_id"}, {"quantity"}});
  table.prefer_named("sku", "product_id");

  InventoryFile file;
  file.shape = table.shape();
  StoreNames stores(catalogue.stores(), unknown);
  ShelfRows shelves(catalogue, stores, file);
  std::vector<ReadRow> together;
  while (table.next()) {
    together.push_back(read_row(table, stores));
    if (together.size() == kLookedUpTogether) shelves.take(together);
  }
  shelves.take(together);
  shelves.explain_missing();
  return file;
}

InventoryCounts import_inventory(shop::Catalogue& catalogue, shop::Inventory& inventory,
                                 const InventoryFile& file, const Clock& clock,
                                 FunctionRef<void(std::size_t done)> progress) {
  InventoryCounts counts;
  std::vector<std::optional<shop::StoreId>> stores;
  for (const InventoryFile::NamedStore& store : file.stores) {
    stores.push_back(store.id ? *store.id : catalogue.create_store(store.name, ""));
    if (!store.id) ++counts.stores_created;
  }
  shop::in_pieces(
      file.rows.size(), clock, [](std::size_t) { return std::size_t{1}; },
      [&](shop::Piece piece) { counts.changed += inventory.set(counts_of(file, stores, piece)); }, progress);
  counts.unchanged = static_cast<std::int64_t>(file.rows.size()) - counts.changed;
  return counts;
}

InventoryCounts preview_import(shop::Inventory& inventory, const InventoryFile& file) {
  InventoryCounts counts;
  std::vector<std::optional<shop::StoreId>> stores;
  for (const InventoryFile::NamedStore& store : file.stores) {
    stores.push_back(store.id);
    if (!store.id) ++counts.stores_created;
  }
  const std::vector<shop::StockCount> known = counts_of(file, stores, {0, file.rows.size()});
  const auto on_new_shelves = static_cast<std::int64_t>(file.rows.size() - known.size());
  counts.changed = inventory.preview(known) + on_new_shelves;
  counts.unchanged = static_cast<std::int64_t>(file.rows.size()) - counts.changed;
  return counts;
}

}  // namespace aforro::bulk

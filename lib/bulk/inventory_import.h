// A file of counted shelves, read and checked as a whole against the shop's stores and products, then set in
// short transactions. Broken off, it is finished by doing it again: what stands as counted already stays as
// it is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/time.h"
#include "bulk/import_table.h"
#include "shop/catalogue.h"
#include "shop/inventory.h"

namespace aforro::bulk {

// `sku` or `product_id`; where a row has both, they must name the same product.
inline constexpr std::array<std::string_view, 4> kInventoryFields = {"store", "sku", "product_id",
                                                                     "quantity"};

enum class UnknownStores { refuse, create };

struct InventoryFile {
  struct NamedStore {
    std::string name;                 // as it stands in the file first
    std::optional<shop::StoreId> id;  // nothing: to be made
  };
  struct Row {
    std::size_t store;  // of `stores`
    shop::ProductId product;
    std::int64_t quantity;
  };

  std::vector<NamedStore> stores;  // those that rows name
  std::vector<Row> rows;           // no store and product twice
  BadRows bad;
  ImportShape shape;
};

// Reads CSV. A store is named by its id (digits; by name if there is no such id) or by its name, without
// regard to case and accents. A row is bad if it names nothing that is there, if the quantity is not 0 to
// kMaxStock, or if an earlier row that is taken is of the same shelf. Under `create` a name that no store has
// is that of a new one; digits never are, for a new store's id might be the same.
//
// Throws Problem (invalid) for a file that cannot be read as a whole: columns missing (all are named) or
// there twice, a quote that is not closed.
InventoryFile read_inventory(std::string_view csv, const ColumnNames& names, UnknownStores unknown,
                             shop::Catalogue& catalogue, std::optional<char> separator = std::nullopt);

struct InventoryCounts {
  std::int64_t stores_created = 0;
  std::int64_t changed = 0;  // or made
  std::int64_t unchanged = 0;
};

// Makes the stores that are new, then sets every shelf; `progress` is told how many are done.
InventoryCounts import_inventory(shop::Catalogue& catalogue, shop::Inventory& inventory,
                                 const InventoryFile& file, const Clock& clock,
                                 FunctionRef<void(std::size_t done)> progress);

// What import_inventory() would count.
InventoryCounts preview_import(shop::Inventory& inventory, const InventoryFile& file);

}  // namespace aforro::bulk

// Categories, products and stores: what there is to sell, and where. One method is one transaction, on disk
// when it returns. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/function_ref.h"
#include "base/time.h"
#include "shop/types.h"
#include "sql/database.h"

namespace aforro::shop {

// A product as it is to be. Texts are valid by text_fault() (base/text.h), of the lengths in types.h.
struct ProductEntry {
  std::optional<std::string> sku;  // case matters; with one that is known, that product is changed
  std::string title;
  std::optional<std::string> description;  // nothing: a known product keeps its own, a new one has none
  Money price;
  std::string category;  // by name; made if there is none
};

// What is to be different about a known product; what is nothing stays.
struct ProductChange {
  ProductId id;
  std::optional<std::string> title = {};
  std::optional<std::string> description = {};
  std::optional<Money> price = {};
  std::optional<std::string> category = {};  // by name; made if there is none
};

// A product as others name it: by its id or by its SKU.
using ProductName = std::variant<ProductId, std::string>;

enum class Put { created, changed, unchanged };

class Catalogue {
 public:
  Catalogue(sql::Database& database, const Clock& clock);

  std::vector<Category> categories();  // by name
  std::vector<Store> stores();         // by id
  std::optional<Product> find_product(ProductId id);
  // For each name the product it names; nothing where there is none.
  std::vector<std::optional<ProductId>> find_products(std::span<const ProductName> names);

  // Creates or changes each, in order; says for each what it did. To be called with few enough at a time
  // (about 100) for one short transaction.
  std::vector<Put> put_products(std::span<const ProductEntry> entries);

  // What put_products() would do with each, if the whole were given at once.
  std::vector<Put> preview_products(std::span<const ProductEntry> entries);

  // Changes each, in order, as put_products() would; says `unchanged` of an id that no product has.
  std::vector<Put> change_products(std::span<const ProductChange> changes);

  // What change_products() would do with each. No id may be there twice.
  std::vector<Put> preview_changes(std::span<const ProductChange> changes);

  // Calls `each` with every SKU, in their order, a page of them in one snapshot.
  void for_each_sku(FunctionRef<void(std::string_view sku)> each);

  // The store of this name, without regard to case and accents; nothing if there is none.
  std::optional<StoreId> find_store(std::string_view name);

  // Makes a store. Throws Problem (conflict) if there is one of this name.
  StoreId create_store(std::string_view name, std::string_view location);

 private:
  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace aforro::shop

// Writes the products of one transaction, with what follows from them: their categories, their words for the
// search, the vocabulary. The caller has locked the catalogue (catalogue_rows.h). For one thread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "shop/catalogue.h"
#include "shop/vocabulary.h"
#include "sql/connection.h"

namespace aforro::shop {

// Of a known product: what tells whether an entry changes it.
struct Stored {
  ProductId id;
  std::string title;
  std::string description;
  Money price;
  std::string category;
  std::string category_key;
  std::string title_words = {};
  std::string category_words = {};
  std::string description_words = {};

  bool same_as(const ProductEntry& entry) const;
};

class ProductWriting {
 public:
  ProductWriting(sql::Connection& connection, Time now) : connection_(connection), now_(now) {}

  // A new product, which is written by finish(), or before. The entry must live until then.
  void add(const ProductEntry& entry);
  // The texts of the entry, its price and its category become those of the product.
  void change(const Stored& stored, const ProductEntry& entry);

  // True of the SKU of a product that was added and is still to be written.
  bool is_to_be_written(const std::string& sku) const { return skus_.contains(sku); }
  // Writes the products that were added …
  void write_added();
  // … and the vocabulary.
  void finish();

 private:
  struct Category {
    CategoryId id;
    std::string words;
  };
  struct Added {
    const ProductEntry* entry;
    const Category* category;
    std::string title_key;
    std::string title_words;
    std::string description_words;
    std::string sku_words;
    std::string title_pairs;
  };

  const Category& category_named(const std::string& name);

  sql::Connection& connection_;
  const Time now_;
  VocabularyChanges vocabulary_;
  std::unordered_map<std::string, Category> categories_;  // by name; a table of nodes, which stay in place
  std::vector<Added> added_;
  std::unordered_set<std::string_view> skus_;
};

}  // namespace aforro::shop

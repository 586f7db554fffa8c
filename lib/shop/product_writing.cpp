// New products are gathered and written together: one statement for many rows is worth much to both engines,
// and on SQLite a statement for each would have the index of words write a part of its own for each.
#include "shop/product_writing.h"

#include "base/text.h"

namespace aforro::shop {
namespace {

std::string_view description_of(const ProductEntry& entry) {
  return entry.description ? std::string_view(*entry.description) : std::string_view("");
}

}  // namespace

bool Stored::same_as(const ProductEntry& entry) const {
  return title == entry.title && description == entry.description.value_or(description) &&
         price == entry.price && category_key == fold(entry.category);
}

const ProductWriting::Category& ProductWriting::category_named(const std::string& name) {
  if (const auto known = categories_.find(name); known != categories_.end()) return known->second;
  const std::string key = fold(name);
  auto id = connection_.maybe_integer("SELECT id FROM categories WHERE name_key = $1", {key});
  if (!id) {
    id = connection_.maybe_integer("INSERT INTO categories (name, name_key) VALUES ($1, $2) RETURNING id",
                                   {name, key});
  }
  return categories_.try_emplace(name, Category{CategoryId(id.value()), join_words(name)}).first->second;
}

void ProductWriting::add(const ProductEntry& entry) {
  const Category& category = category_named(entry.category);
  added_.push_back({.entry = &entry,
                    .category = &category,
                    .title_key = fold(entry.title),
                    .title_words = join_words(entry.title),
                    .description_words = join_words(description_of(entry)),
                    .sku_words = join_words(entry.sku.value_or("")),
                    .title_pairs = join_pairs(entry.title)});
  if (entry.sku) skus_.insert(*entry.sku);
  vocabulary_.add(added_.back().title_words, category.words, added_.back().description_words);
}

void ProductWriting::write_added() {
  sql::ParamRows rows;
  for (const Added& added : added_) {
    const ProductEntry& entry = *added.entry;
    rows.add({entry.sku, entry.title, added.title_key, description_of(entry), entry.price.minor_units(),
              added.category->id.value(), now_.micros(), added.title_words, added.category->words,
              added.description_words, added.sku_words, added.title_pairs});
  }
  connection_.for_each(
      "INSERT INTO products (sku, title, title_key, description, price_minor, category_id, created_at, "
      "title_words, category_words, description_words, sku_words, title_pairs)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
      rows);
  added_.clear();
  skus_.clear();
}

void ProductWriting::change(const Stored& stored, const ProductEntry& entry) {
  const std::string& description = entry.description ? *entry.description : stored.description;
  const Category& category = category_named(entry.category);
  const std::string title_words = join_words(entry.title);
  const std::string description_words = join_words(description);
  connection_.run(
      "UPDATE products SET title = $2, title_key = $3, description = $4, price_minor = $5, category_id = $6,"
      " title_words = $7, category_words = $8, description_words = $9, title_pairs = $10 WHERE id = $1",
      {stored.id.value(), entry.title, fold(entry.title), description, entry.price.minor_units(),
       category.id.value(), title_words, category.words, description_words, join_pairs(entry.title)});
  vocabulary_.remove(stored.title_words, stored.category_words, stored.description_words);
  vocabulary_.add(title_words, category.words, description_words);
}

void ProductWriting::finish() {
  write_added();
  vocabulary_.write(connection_);
}

}  // namespace aforro::shop

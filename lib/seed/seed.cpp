#include "seed/seed.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "base/text.h"
#include "seed/goods.h"
#include "shop/catalogue_rows.h"
#include "shop/inventory_posting.h"
#include "shop/new_shop.h"
#include "shop/vocabulary.h"

namespace aforro::seed {
namespace {

constexpr std::int64_t kMaxCategories = 10'000;
constexpr std::int64_t kMaxProducts = 10'000'000;
constexpr std::int64_t kMaxStores = 100'000;
constexpr std::int64_t kMaxShelves = 100'000'000;

constexpr std::int64_t kUniformQuantity = 100'000'000;
constexpr std::uint64_t kShelfStream = 2;     // after those of the goods
constexpr std::size_t kProductsAtOnce = 500;  // made up, then written
// The products, from 0, that the first store always has plenty of: those that examples order (10 and 15).
constexpr std::array<std::size_t, 2> kSamples{9, 14};

bool has_data(sql::Connection& connection) {
  return connection.maybe_integer("SELECT 1 FROM products LIMIT 1").has_value() ||
         connection.maybe_integer("SELECT 1 FROM stores LIMIT 1").has_value();
}

class Writing {
 public:
  Writing(sql::Connection& connection, const Plan& plan, Time now,
          FunctionRef<void(std::int64_t, std::int64_t)> progress)
      : connection_(connection),
        plan_(plan),
        now_(now),
        progress_(progress),
        goods_(plan.random_seed, static_cast<std::size_t>(plan.categories)) {}

  void all() {
    categories();
    products();
    stores();
    shop::raise_catalogue_version(connection_);
  }

 private:
  void categories();
  void products();
  void stores();
  void fill(std::int64_t store, const std::vector<std::int64_t>& products);
  bool is_sample(std::int64_t product) const;
  std::int64_t quantity();
  std::int64_t deep_quantity() { return 100 + static_cast<std::int64_t>(shelves_.below(300)); }

  void wrote(std::size_t rows) {
    done_ += static_cast<std::int64_t>(rows);
    progress_(done_, plan_.categories + plan_.products + plan_.stores * (1 + plan_.rows_per_store));
  }

  sql::Connection& connection_;
  const Plan& plan_;
  const Time now_;
  const FunctionRef<void(std::int64_t, std::int64_t)> progress_;
  SeedGoods goods_;
  SeedRandom shelves_{plan_.random_seed, kShelfStream};
  std::vector<std::int64_t> category_ids_;
  std::vector<std::int64_t> product_ids_;
  bool is_first_store_ = false;
  std::int64_t done_ = 0;
};

void Writing::categories() {
  for (std::size_t i = 0; i < static_cast<std::size_t>(plan_.categories); ++i) {
    const std::string name = goods_.category(i);
    // A database without products may still have categories.
    category_ids_.push_back(*connection_.maybe_integer(
        "INSERT INTO categories (name, name_key) VALUES ($1, $2)"
        " ON CONFLICT (name_key) DO UPDATE SET name = categories.name RETURNING id",
        {name, fold(name)}));
  }
  wrote(category_ids_.size());
}

void Writing::products() {
  struct Made {
    SeedProduct product;
    std::string title_key;
    std::string title_words;
    std::string description_words;
    std::string sku_words;
  };
  std::vector<std::string> category_words;
  for (std::size_t i = 0; i < category_ids_.size(); ++i)
    category_words.push_back(join_words(goods_.category(i)));

  const auto all = static_cast<std::size_t>(plan_.products);
  // The newest came in the minute that is just over.
  const Time newest = Time::from_micros(now_.micros() - now_.micros() % 60'000'000) - std::chrono::minutes(1);
  shop::VocabularyChanges vocabulary;  // some thousand words, however many products have them
  std::vector<Made> made;
  made.reserve(kProductsAtOnce);
  product_ids_.reserve(all);
  const std::int64_t last_id = connection_.last_id("products");  // of products that have come and gone
  while (product_ids_.size() < all) {
    made.clear();
    for (std::size_t i = std::min(kProductsAtOnce, all - product_ids_.size()); i > 0; --i) {
      SeedProduct product = goods_.next_product();
      std::string title_key = fold(product.title);
      std::string title_words = join_words(product.title);
      std::string description_words = join_words(product.description);
      std::string sku_words = join_words(product.sku);
      made.push_back({std::move(product), std::move(title_key), std::move(title_words),
                      std::move(description_words), std::move(sku_words)});
    }
    sql::ParamRows rows;
    for (std::size_t i = 0; i < made.size(); ++i) {
      const auto& [product, title_key, title_words, description_words, sku_words] = made[i];
      const auto age = std::chrono::minutes(all - 1 - product_ids_.size());
      product_ids_.push_back(last_id + 1 + std::ssize(product_ids_));
      rows.add({product_ids_.back(), product.sku, product.title, title_key, product.description,
                product.price.minor_units(), category_ids_[product.category], (newest - age).micros(),
                title_words, category_words[product.category], description_words, sku_words});
      vocabulary.add(title_words, category_words[product.category], description_words);
    }
    connection_.for_each(
        "INSERT INTO products (id, sku, title, title_key, description, price_minor, category_id, created_at,"
        " title_words, category_words, description_words, sku_words)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        rows);
    wrote(made.size());
  }
  connection_.give_ids_above("products", product_ids_.back());
  vocabulary.write(connection_);
}

void Writing::stores() {
  const auto rows = static_cast<std::ptrdiff_t>(plan_.rows_per_store);
  std::vector<std::int64_t> assortment = product_ids_;
  for (std::int64_t i = 0; i < plan_.stores; ++i) {
    const SeedStore store = goods_.next_store();
    const std::int64_t id = *connection_.maybe_integer(
        "INSERT INTO stores (name, name_key, location) VALUES ($1, $2, $3) RETURNING id",
        {store.name, fold(store.name), store.location});
    if (plan_.shape == Shape::believable) {
      std::size_t row = 0;
      for (const std::size_t sample : kSamples) {
        const bool has_room = i == 0 && sample < assortment.size() && row < static_cast<std::size_t>(rows);
        if (has_room) std::swap(assortment[row++], assortment[sample]);
      }
      for (; row < static_cast<std::size_t>(rows); ++row) {
        std::swap(assortment[row], assortment[row + shelves_.below(assortment.size() - row)]);
      }
    }
    std::vector<std::int64_t> products(assortment.begin(), assortment.begin() + rows);
    std::sort(products.begin(), products.end());
    is_first_store_ = i == 0;
    fill(id, products);
  }
}

bool Writing::is_sample(std::int64_t product) const {
  return std::any_of(kSamples.begin(), kSamples.end(), [&](std::size_t sample) {
    return sample < product_ids_.size() && product_ids_[sample] == product;
  });
}

void Writing::fill(std::int64_t store, const std::vector<std::int64_t>& products) {
  std::vector<shop::Posting> postings;
  postings.reserve(products.size());
  for (const std::int64_t product : products) {
    const bool is_plenty = is_first_store_ && plan_.shape == Shape::believable && is_sample(product);
    const std::int64_t pieces = is_plenty ? deep_quantity() : quantity();
    postings.push_back({.shelf = {shop::StoreId(store), shop::ProductId(product)},
                        .change = pieces,
                        .quantity = pieces,
                        .is_new = true,
                        .order = {}});
  }
  shop::post(connection_, shop::Reason::seed, postings, now_);
  wrote(1 + products.size());
}

// Every ninth shelf is empty, a fourth nearly so, a few are deep.
std::int64_t Writing::quantity() {
  if (plan_.shape == Shape::uniform) return kUniformQuantity;
  if (shelves_.one_in(9)) return 0;
  if (shelves_.one_in(4)) return 1 + static_cast<std::int64_t>(shelves_.below(4));
  if (shelves_.one_in(12)) return deep_quantity();
  return 5 + static_cast<std::int64_t>(shelves_.below(60));
}

}  // namespace

void require_possible(const Plan& plan) {
  Faults faults;
  const auto require = [&](const char* where, std::int64_t value, std::int64_t max, const char* detail) {
    if (value < 1 || value > max) faults.add(Fault::In::query, where, detail);
  };
  require("categories", plan.categories, kMaxCategories, "must be 1 to 10,000");
  require("products", plan.products, kMaxProducts, "must be 1 to 10,000,000");
  require("stores", plan.stores, kMaxStores, "must be 1 to 100,000");
  require("rows_per_store", plan.rows_per_store, std::max<std::int64_t>(1, plan.products),
          "must be at least 1 and at most the number of products");
  if (faults.empty() && plan.rows_per_store * plan.stores > kMaxShelves) {
    faults.add(Fault::In::query, "rows_per_store", "must not make more than 100,000,000 in all stores");
  }
  if (!faults.empty()) throw Problem::invalid(std::move(faults));
}

Seeded fill(sql::Database& database, const Plan& plan, const Clock& clock,
            FunctionRef<void(std::int64_t done, std::int64_t all)> progress) {
  require_possible(plan);
  const Time now = clock.now();
  // This write takes longer than the 20 ms that are allowed, and speaks to the outside: an empty shop has no
  // orders that would have to wait, and a shop that was seeded halfway would look like a whole one.
  return database.write([&](sql::Connection& connection) {
    shop::lock_catalogue(connection);
    if (has_data(connection)) return Seeded::already_has_data;
    shop::fill_at_once(connection, [&] { Writing(connection, plan, now, progress).all(); });
    return Seeded::done;
  });
}

}  // namespace aforro::seed

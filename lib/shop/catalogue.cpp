// Products, categories and stores are found by keys that must be unique, and made if they are missing. On an
// engine with several writers two transactions could both find nothing and both insert, or lock the same rows
// in opposite orders. So whatever makes or renames takes the row of the catalogue first
// (catalogue_rows.h): one such transaction at a time, and readers and orders notice nothing.
//
// The version is raised only where something that a listing shows has changed. New products are in no store
// yet, so making them leaves every cached listing valid.
//
// A preview must count what putting would do without writing, so it keeps in memory what earlier entries of
// the same call leave for later ones.
#include "shop/catalogue.h"

#include <map>
#include <unordered_map>

#include "base/problem.h"
#include "base/text.h"
#include "shop/catalogue_rows.h"
#include "shop/product_writing.h"

namespace aforro::shop {
namespace {

Stored read_stored(const sql::Row& row) {
  return {.id = ProductId(row.integer(0)),
          .title = std::string(row.text(1)),
          .description = std::string(row.text(2)),
          .price = Money::from_minor(row.integer(3)),
          .category = std::string(row.text(4)),
          .category_key = std::string(row.text(5)),
          .title_words = std::string(row.text(6)),
          .category_words = std::string(row.text(7)),
          .description_words = std::string(row.text(8))};
}

std::optional<Stored> find_by_sku(sql::Connection& connection, const std::string& sku) {
  std::optional<Stored> found;
  connection.query(
      "SELECT p.id, p.title, p.description, p.price_minor, c.name, c.name_key, p.title_words,"
      " p.category_words, p.description_words"
      " FROM products p JOIN categories c ON c.id = p.category_id WHERE p.sku = $1",
      {sku}, [&](const sql::Row& row) { found = read_stored(row); });
  return found;
}

std::optional<Stored> find_by_id(sql::Connection& connection, ProductId id) {
  std::optional<Stored> found;
  connection.query(
      "SELECT p.id, p.title, p.description, p.price_minor, c.name, c.name_key, p.title_words,"
      " p.category_words, p.description_words"
      " FROM products p JOIN categories c ON c.id = p.category_id WHERE p.id = $1",
      {id.value()}, [&](const sql::Row& row) { found = read_stored(row); });
  return found;
}

ProductEntry changed(const Stored& stored, const ProductChange& change) {
  return {.sku = std::nullopt,
          .title = change.title.value_or(stored.title),
          .description = change.description,
          .price = change.price.value_or(stored.price),
          .category = change.category.value_or(stored.category)};
}

Put put_product(sql::Connection& connection, ProductWriting& writing, const ProductEntry& entry) {
  if (!entry.sku) {
    writing.add(entry);
    return Put::created;
  }
  if (writing.is_to_be_written(*entry.sku)) writing.write_added();
  const std::optional<Stored> stored = find_by_sku(connection, *entry.sku);
  if (!stored) {
    writing.add(entry);
    return Put::created;
  }
  if (stored->same_as(entry)) return Put::unchanged;
  writing.change(*stored, entry);
  return Put::changed;
}

}  // namespace

Catalogue::Catalogue(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

std::vector<Category> Catalogue::categories() {
  return database_.read([](sql::Connection& connection) {
    std::vector<Category> categories;
    connection.query(
        "SELECT c.id, c.name, (SELECT count(*) FROM products p WHERE p.category_id = c.id)"
        " FROM categories c ORDER BY c.name_key, c.id",
        {}, [&](const sql::Row& row) {
          categories.push_back({CategoryId(row.integer(0)), std::string(row.text(1)), row.integer(2)});
        });
    return categories;
  });
}

std::vector<Store> Catalogue::stores() {
  return database_.read([](sql::Connection& connection) {
    std::vector<Store> stores;
    connection.query("SELECT id, name, location FROM stores ORDER BY id", {}, [&](const sql::Row& row) {
      stores.push_back({StoreId(row.integer(0)), std::string(row.text(1)), std::string(row.text(2))});
    });
    return stores;
  });
}

std::optional<Product> Catalogue::find_product(ProductId id) {
  return database_.read([&](sql::Connection& connection) {
    std::optional<Product> product;
    connection.query(
        "SELECT p.sku, p.title, p.description, p.price_minor, c.name, p.created_at"
        " FROM products p JOIN categories c ON c.id = p.category_id WHERE p.id = $1",
        {id.value()}, [&](const sql::Row& row) {
          product = Product{.id = id,
                            .sku = row.is_null(0) ? std::nullopt : std::optional(std::string(row.text(0))),
                            .title = std::string(row.text(1)),
                            .description = std::string(row.text(2)),
                            .price = Money::from_minor(row.integer(3)),
                            .category = std::string(row.text(4)),
                            .created_at = Time::from_micros(row.integer(5))};
        });
    return product;
  });
}

std::vector<std::optional<ProductId>> Catalogue::find_products(std::span<const ProductName> names) {
  std::vector<std::optional<ProductId>> found(names.size());
  sql::ParamRows ids;
  sql::ParamRows skus;
  std::vector<std::size_t> place_of_id;
  std::vector<std::size_t> place_of_sku;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (const auto* const id = std::get_if<ProductId>(&names[i])) {
      ids.add({id->value()});
      place_of_id.push_back(i);
    } else {
      skus.add({std::get<std::string>(names[i])});
      place_of_sku.push_back(i);
    }
  }
  database_.read([&](sql::Connection& connection) {
    connection.for_each(
        "SELECT id FROM products WHERE id = $1", ids,
        [&](std::size_t i, const sql::Row& row) { found[place_of_id[i]] = ProductId(row.integer(0)); });
    connection.for_each(
        "SELECT id FROM products WHERE sku = $1", skus,
        [&](std::size_t i, const sql::Row& row) { found[place_of_sku[i]] = ProductId(row.integer(0)); });
  });
  return found;
}

std::vector<Put> Catalogue::put_products(std::span<const ProductEntry> entries) {
  const Time now = clock_.now();
  return database_.write([&](sql::Connection& connection) {
    lock_catalogue(connection);
    ProductWriting writing(connection, now);
    std::vector<Put> done;
    done.reserve(entries.size());
    bool visible = false;
    for (const ProductEntry& entry : entries) {
      done.push_back(put_product(connection, writing, entry));
      visible = visible || done.back() == Put::changed;
    }
    writing.finish();
    if (visible) raise_catalogue_version(connection);
    return done;
  });
}

std::vector<Put> Catalogue::preview_products(std::span<const ProductEntry> entries) {
  return database_.read([&](sql::Connection& connection) {
    std::vector<Put> would;
    std::unordered_map<std::string_view, Stored>
        after;  // what earlier entries leave is what a later one changes
    for (const ProductEntry& entry : entries) {
      if (!entry.sku) {
        would.push_back(Put::created);
        continue;
      }
      const auto earlier = after.find(*entry.sku);
      std::optional<Stored> stored =
          earlier == after.end() ? find_by_sku(connection, *entry.sku) : std::optional(earlier->second);
      would.push_back(!stored ? Put::created : stored->same_as(entry) ? Put::unchanged : Put::changed);
      after.insert_or_assign(
          *entry.sku, Stored{.id = stored ? stored->id : ProductId(0),
                             .title = entry.title,
                             .description = entry.description.value_or(stored ? stored->description : ""),
                             .price = entry.price,
                             .category = entry.category,
                             .category_key = fold(entry.category)});
    }
    return would;
  });
}

std::vector<Put> Catalogue::change_products(std::span<const ProductChange> changes) {
  const Time now = clock_.now();
  return database_.write([&](sql::Connection& connection) {
    lock_catalogue(connection);
    ProductWriting writing(connection, now);
    std::vector<Put> done;
    bool visible = false;
    for (const ProductChange& change : changes) {
      const auto stored = find_by_id(connection, change.id);
      const auto entry = stored ? std::optional(changed(*stored, change)) : std::nullopt;
      const bool differs = entry && !stored->same_as(*entry);
      if (differs) writing.change(*stored, *entry);
      done.push_back(differs ? Put::changed : Put::unchanged);
      visible = visible || differs;
    }
    writing.finish();
    if (visible) raise_catalogue_version(connection);
    return done;
  });
}

std::vector<Put> Catalogue::preview_changes(std::span<const ProductChange> changes) {
  return database_.read([&](sql::Connection& connection) {
    std::vector<Put> would;
    for (const ProductChange& change : changes) {
      const auto stored = find_by_id(connection, change.id);
      const bool differs = stored && !stored->same_as(changed(*stored, change));
      would.push_back(differs ? Put::changed : Put::unchanged);
    }
    return would;
  });
}

// Each page is a snapshot of its own, so that a long look at a large shop holds no log, and `each` is called
// between two of them.
void Catalogue::for_each_sku(FunctionRef<void(std::string_view sku)> each) {
  constexpr std::int64_t kPage = 10'000;
  std::string last;
  for (std::int64_t got = kPage; got == kPage;) {
    std::vector<std::string> page;
    database_.read([&](sql::Connection& connection) {
      page.clear();
      connection.query("SELECT sku FROM products WHERE sku > $1 ORDER BY sku LIMIT $2", {last, kPage},
                       [&](const sql::Row& row) { page.emplace_back(row.text(0)); });
    });
    for (const std::string& sku : page) each(sku);
    got = static_cast<std::int64_t>(page.size());
    if (got > 0) last = page.back();
  }
}

std::optional<StoreId> Catalogue::find_store(std::string_view name) {
  const std::string key = fold(name);
  return database_.read([&](sql::Connection& connection) -> std::optional<StoreId> {
    const auto id = connection.maybe_integer("SELECT id FROM stores WHERE name_key = $1", {key});
    return id ? std::optional(StoreId(*id)) : std::nullopt;
  });
}

StoreId Catalogue::create_store(std::string_view name, std::string_view location) {
  const std::string key = fold(name);
  return database_.write([&](sql::Connection& connection) {
    lock_catalogue(connection);
    if (connection.maybe_integer("SELECT 1 FROM stores WHERE name_key = $1", {key})) {
      throw Problem(Problem::Kind::conflict, "There is a store of this name.");
    }
    return StoreId(*connection.maybe_integer(
        "INSERT INTO stores (name, name_key, location) VALUES ($1, $2, $3) RETURNING id",
        {name, key, location}));
  });
}

}  // namespace aforro::shop

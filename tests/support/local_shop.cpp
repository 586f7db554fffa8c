#include "support/local_shop.h"

#include <array>

namespace aforro::test {

LocalShop::LocalShop() : catalogue(*database, clock), inventory(*database, clock) {}

shop::ProductId LocalShop::add(const NewProduct& product) {
  const std::array entries{shop::ProductEntry{.sku = product.sku,
                                              .title = product.title,
                                              .description = product.description,
                                              .price = Money::from_minor(product.price_minor),
                                              .category = product.category}};
  catalogue.put_products(entries);
  return shop::ProductId(number("SELECT max(id) FROM products"));
}

shop::StoreId LocalShop::add_store(std::string_view name) {
  return catalogue.create_store(name, "Somewhere");
}

void LocalShop::shelve(shop::StoreId store, shop::ProductId product, std::int64_t quantity) {
  const std::array counts{shop::StockCount{store, product, quantity}};
  inventory.set(counts);
}

std::int64_t LocalShop::quantity(shop::StoreId store, shop::ProductId product) {
  return database->read([&](sql::Connection& connection) {
    return connection
        .maybe_integer("SELECT quantity FROM inventory WHERE store_id = $1 AND product_id = $2",
                       {store.value(), product.value()})
        .value_or(-1);
  });
}

std::int64_t LocalShop::number(sql::Text query) {
  return database->read([&](sql::Connection& connection) { return connection.maybe_integer(query).value(); });
}

}  // namespace aforro::test

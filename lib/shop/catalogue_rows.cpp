#include "shop/catalogue_rows.h"

#include "base/problem.h"

namespace aforro::shop {

void require_store(sql::Connection& connection, StoreId store) {
  if (!connection.maybe_integer("SELECT 1 FROM stores WHERE id = $1", {store.value()})) {
    throw Problem::not_found("There is no store " + std::to_string(store.value()) + ".");
  }
}

void lock_catalogue(sql::Connection& connection) {
  sql::Composed text("SELECT version FROM catalogue WHERE id = 1");
  text += connection.dialect().for_update;
  connection.run(text);
}

void raise_catalogue_version(sql::Connection& connection) {
  connection.run("UPDATE catalogue SET version = version + 1 WHERE id = 1");
}

}  // namespace aforro::shop

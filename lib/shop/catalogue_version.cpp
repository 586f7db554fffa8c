#include "shop/catalogue_version.h"

namespace aforro::shop {

void lock_catalogue(sql::Connection& connection) {
  sql::Composed text("SELECT version FROM catalogue WHERE id = 1");
  text += connection.dialect().for_update;
  connection.run(text);
}

void raise_catalogue_version(sql::Connection& connection) {
  connection.run("UPDATE catalogue SET version = version + 1 WHERE id = 1");
}

}  // namespace aforro::shop

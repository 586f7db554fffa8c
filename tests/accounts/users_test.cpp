#include "accounts/users.h"

#include <doctest/doctest.h>
#include <sodium.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "support/local_shop.h"
#include "support/refusal.h"

namespace {

using aforro::Problem;
using aforro::accounts::Users;
using aforro::test::LocalShop;

struct Row {
  std::string username;
  std::optional<std::string> email;
  std::string hash;
  bool is_superuser;
  std::int64_t created_at;
};

std::vector<Row> rows(LocalShop& shop) {
  return shop.database->read([](aforro::sql::Connection& connection) {
    std::vector<Row> found;
    connection.query(
        "SELECT username, email, password_hash, is_superuser, created_at FROM users ORDER BY id", {},
        [&](const aforro::sql::Row& row) {
          found.push_back({std::string(row.text(0)),
                           row.is_null(1) ? std::nullopt : std::optional(std::string(row.text(1))),
                           std::string(row.text(2)), row.integer(3) == 1, row.integer(4)});
        });
    return found;
  });
}

bool opens(const std::string& hash, std::string_view password) {
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

// The places of the faults for which nobody is made.
std::vector<std::string> faults(LocalShop& shop, std::string_view name,
                                const std::optional<std::string>& email, std::string_view password) {
  Users users(*shop.database, shop.clock);
  const auto places = aforro::test::places_of([&] { users.create_superuser(name, email, password); });
  if (!places.empty()) CHECK(rows(shop).empty());
  return places;
}

TEST_CASE("an administrator is kept with a hash that only the password opens") {
  LocalShop shop;
  Users users(*shop.database, shop.clock);

  users.create_superuser("  Ada ", "ada@example.org", "correct horse");
  users.create_superuser("grace", std::nullopt, "correct horse");

  const std::vector<Row> kept = rows(shop);
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].username == "Ada");
  CHECK(kept[0].email == "ada@example.org");
  CHECK(kept[0].is_superuser);
  CHECK(kept[0].created_at == shop.clock.now().micros());
  CHECK(kept[0].hash.starts_with("$argon2id$"));
  CHECK(opens(kept[0].hash, "correct horse"));
  CHECK(!opens(kept[0].hash, "correct horsf"));
  CHECK(!opens(kept[0].hash, ""));
  CHECK(!kept[1].email);
  CHECK(kept[1].hash != kept[0].hash);  // salted
}

TEST_CASE("a second user of the same name is refused, whatever its case and accents") {
  LocalShop shop;
  Users users(*shop.database, shop.clock);
  users.create_superuser("José", std::nullopt, "12345678");

  const auto problem =
      aforro::test::problem_of([&] { users.create_superuser("JOSE", std::nullopt, "another password"); });

  REQUIRE(problem);
  CHECK(problem->kind() == Problem::Kind::conflict);

  const std::vector<Row> kept = rows(shop);
  REQUIRE(kept.size() == 1);
  CHECK(opens(kept[0].hash, "12345678"));
}

TEST_CASE(
    "a user who came from elsewhere without a password is enabled by one, once, and keeps what is not "
    "given") {
  LocalShop shop;
  Users users(*shop.database, shop.clock);
  shop.database->write([](aforro::sql::Connection& connection) {
    aforro::sql::ParamRows row;
    row.add({7, "Ada", "ada", "ada@example.org", 0, 5});
    aforro::accounts::restore_disabled_users(connection, row);
  });
  CHECK(!opens(rows(shop).at(0).hash, ""));

  CHECK(users.create_superuser("ADA", std::nullopt, "correct horse") == Users::Created::enabled);

  const std::vector<Row> kept = rows(shop);
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].username == "Ada");
  CHECK(kept[0].email == "ada@example.org");
  CHECK(kept[0].is_superuser);
  CHECK(kept[0].created_at == 5);
  CHECK(opens(kept[0].hash, "correct horse"));
  const auto problem =
      aforro::test::problem_of([&] { users.create_superuser("ada", std::nullopt, "another password"); });
  REQUIRE(problem);
  CHECK(problem->kind() == Problem::Kind::conflict);
}

TEST_CASE("all faults of a new user are reported at once, and nobody is made") {
  using Places = std::vector<std::string>;
  LocalShop shop;
  CHECK(faults(shop, " ", "nobody", "1234567") == Places{"username", "email", "password"});
  CHECK(faults(shop, "\xff", std::nullopt, "12345678") == Places{"username"});
  CHECK(faults(shop, std::string(121, 'a'), std::nullopt, "12345678") == Places{"username"});
  CHECK(faults(shop, "ada", std::nullopt, std::string(1025, 'x')) == Places{"password"});
  CHECK(faults(shop, std::string(120, 'a'), std::nullopt, "12345678").empty());
}

TEST_CASE("a password is counted in characters, and may hold any bytes") {
  LocalShop shop;
  CHECK(faults(shop, "ada", std::nullopt, "ääääääó") ==
        std::vector<std::string>{"password"});  // 7, in 14 bytes
  CHECK(faults(shop, "ada", std::nullopt, "ääääääóó").empty());
  Users users(*shop.database, shop.clock);
  const std::string bytes("\xff\x00\xfe\x01\x02\x03\x04\x05", 8);
  users.create_superuser("grace", std::nullopt, bytes);
  CHECK(opens(rows(shop).at(1).hash, bytes));
  CHECK(!opens(rows(shop).at(1).hash, bytes.substr(0, 1)));
}

}  // namespace

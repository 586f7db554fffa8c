// What a test of `verify` starts from: a shop in which everything has happened once, to be damaged in one
// way, and what is found then.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "shop/order_book.h"
#include "support/local_shop.h"
#include "verify/verification.h"

namespace aforro::test {

using Lines = std::vector<std::string>;

// What verify() finds in the shop, its search index looked at too.
verify::Findings verified(LocalShop& shop, const verify::Limits& limits = {});

// "stock: …", by kind and as they were found.
Lines faults_of(const verify::Findings& findings);

std::string in_lines(const Lines& lines);

// Two stores, two products, and an order in every state:
//
//     1 CONFIRMED  two mugs and a lamp       movements 7 and 8
//     2 REJECTED   a thousand mugs
//     3 PENDING    a mug                     9
//     4 CONFIRMED  a lamp that was held      10
//     5 CANCELLED  a mug                     11, and 12 back
//     6 EXPIRED    a lamp                    13, and 14 back
//     7 CONFIRMED  a mug, with a key         15
//
// What is left: nine mugs (product 1) and three lamps (product 2) in North (store 1), six mugs in South.
struct LivelyShop : LocalShop {
  LivelyShop();

  shop::OrderId place(const std::vector<shop::BasketLine>& lines,
                      std::optional<std::chrono::seconds> hold = std::nullopt);

  // By plain SQL, past foreign keys; on PostgreSQL as superuser.
  void damage(const std::string& sql) const;

  shop::ProductId mug =
      add({.title = "Red Mug", .category = "Kitchen", .description = "Holds tea, and tea only."});
  shop::ProductId lamp = add({.title = "Café Lamp", .category = "Büro", .description = "For late hours."});
  shop::StoreId north = add_store("North");
  shop::StoreId south = add_store("South");
  shop::OrderBook orders{*database, clock, [] {}};
};

struct Damage {
  std::string done;
  Lines faults;
};

// Checks of each, in a shop of its own, that its faults are found and nothing else.
void check_each(const std::vector<Damage>& damages);

}  // namespace aforro::test

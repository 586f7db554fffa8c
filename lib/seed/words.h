// The words that the believable shop is made of: departments with their brands and goods, places for its
// stores. All of it is invented, and constant.
#pragma once

#include <span>
#include <string_view>

namespace aforro::seed {

// One of the ways in which the same thing is sold.
struct SeedOption {
  std::string_view name;  // follows the title after a comma
  int percent;            // of the price
};

// Something that a department sells. Lists are names with a bar between.
struct SeedGood {
  std::string_view name;
  std::string_view kinds;  // each goes before the name: "Wireless|Studio"
  std::span<const SeedOption> options;
  int cheapest;  // in whole units of money, for the option of 100 percent
  int dearest;
  std::string_view sentence;  // true of every kind
};

// No two departments share a brand, so that no two of their products share a title.
struct SeedDepartment {
  std::string_view name;
  std::string_view code;  // begins the SKUs
  int weight;             // how many of the shop's products are its
  std::string_view brands;
  std::string_view remarks;  // sentences that are true of everything it sells
  std::span<const SeedGood> goods;
};

struct SeedCity {
  std::string_view name;
  std::string_view country;
};

struct SeedQuarter {
  std::string_view name;
  std::string_view street;
};

std::span<const SeedDepartment> seed_departments();
// Go before a department's name when a shop has more categories than there are departments.
std::string_view seed_specialities();
std::span<const SeedCity> seed_cities();
std::span<const SeedQuarter> seed_quarters();

}  // namespace aforro::seed

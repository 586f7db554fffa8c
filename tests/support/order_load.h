// A scripted load of orders on one SQLite file: what the tests of disks that fail or lose power put a shop
// through, and what they look at afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "shop/inventory.h"
#include "shop/order_book.h"
#include "support/held_clock.h"
#include "support/temporary_folder.h"

namespace aforro::test {

// A shop in a file, opened as the program opens it. Made, with goods, where there is none yet.
class ShopFile {
 public:
  explicit ShopFile(const std::filesystem::path& file);

  // Orders some of the goods, `number` saying which: most are confirmed, every fifth is rejected, every third
  // has a key.
  shop::Placed place(std::int64_t number);
  // Counts a shelf.
  void count(std::int64_t quantity);

  // Every order in a line of text, by id.
  std::map<std::int64_t, std::string> orders();

  sql::Database& database() { return *database_; }

 private:
  void fill();

  HeldClock clock_;
  std::unique_ptr<sql::Database> database_;
  shop::Inventory inventory_;
  shop::OrderBook orders_;
};

// Orders one after the other, orders in batches, counts, checkpoints of either kind, closing and opening
// again. `acknowledged` is called, from any thread, with the id of each order as soon as it has been placed.
void run_order_load(const std::filesystem::path& file,
                    const std::function<void(std::int64_t id)>& acknowledged);

}  // namespace aforro::test

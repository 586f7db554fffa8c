// Goods that come in, are corrected, or go from one store to another: one product or many, all of it or
// nothing. One method is one transaction, on disk when it returns, and writes a movement for every shelf that
// it changes. Safe to call from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "shop/inventory_posting.h"
#include "shop/types.h"
#include "sql/database.h"

namespace aforro::shop {

inline constexpr std::size_t kMaxGoods = 1'000;  // lines of one operation

// A shelf after an operation.
struct ShelfChange {
  Shelf shelf;
  std::int64_t change;
  std::int64_t quantity;  // afterwards
  bool is_new;            // there was no such shelf
};

struct Goods {
  ProductId product;
  std::int64_t quantity;  // 1 to kMaxStock
};

// What a shelf is corrected to: a count, or so many more or fewer.
struct Correction {
  enum class Kind { counted, difference };

  ProductId product;
  Kind kind;
  std::int64_t quantity;  // counted: 0 to kMaxStock; difference: up to kMaxStock either way, not 0
};

class StockOperations {
 public:
  StockOperations(sql::Database& database, const Clock& clock);

  // All of them return the shelves afterwards, in the order of the lines, and throw Problem: not_found if
  // there is no such store; invalid for no or too many lines, and for each line whose quantity is out of
  // bounds or whose product does not exist, pointing at "/items/…"; conflict, naming the shelves, if one
  // would come to hold less than nothing or more than kMaxStock. What takes or corrects stock expires first
  // what reservations past their time hold in that store.

  // Puts goods on the shelves of a store (`receive`), making those that are missing. Lines of one product add
  // up.
  std::vector<ShelfChange> receive(StoreId store, std::span<const Goods> goods);

  // Corrects shelves (`adjust`), making those that are missing. A shelf that is right already is left alone,
  // and returned with a change of 0. Lines of one product are invalid: which of them counts?
  std::vector<ShelfChange> adjust(StoreId store, std::span<const Correction> corrections);

  // Moves goods from one store to another (`transfer`, twice for each product: out and in). Lines of one
  // product add up. Returns the shelf of the one store and then that of the other, product by product. The
  // same store twice is invalid.
  std::vector<ShelfChange> transfer(StoreId from, StoreId to, std::span<const Goods> goods);

 private:
  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace aforro::shop

// The shop's plain values: ids that cannot be confused, products, stores, orders. They copy and compare, hold
// no locks and know neither SQL nor HTTP.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/time.h"

namespace aforro::shop {

// A positive 64-bit number that names a row of one kind.
template <class Kind>
class Id {
 public:
  explicit constexpr Id(std::int64_t value) : value_(value) {}
  constexpr std::int64_t value() const { return value_; }
  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  std::int64_t value_;
};

using StoreId = Id<struct StoreKind>;
using ProductId = Id<struct ProductKind>;
using CategoryId = Id<struct CategoryKind>;
using OrderId = Id<struct OrderKind>;

inline constexpr std::int64_t kMaxId = std::numeric_limits<std::int64_t>::max();

inline constexpr std::size_t kMaxTitleCharacters = 255;
inline constexpr std::size_t kMaxDescriptionCharacters = 10'000;
inline constexpr std::size_t kMaxNameCharacters = 120;
inline constexpr std::size_t kMaxSkuCharacters = 64;
inline constexpr std::int64_t kMaxStock = 1'000'000'000'000;  // pieces on one shelf

struct Category {
  CategoryId id;
  std::string name;
  std::int64_t product_count;
};

struct Store {
  StoreId id;
  std::string name;
  std::string location;
};

struct Product {
  ProductId id;
  std::optional<std::string> sku;
  std::string title;
  std::string description;
  Money price;
  std::string category;
  Time created_at;
};

enum class OrderStatus { pending, confirmed, rejected, cancelled, expired };
inline constexpr std::array kOrderStatuses{OrderStatus::pending, OrderStatus::confirmed,
                                           OrderStatus::rejected, OrderStatus::cancelled,
                                           OrderStatus::expired};

struct OrderLine {
  ProductId product;
  std::string product_title;  // title and price as at the time of the order
  std::int64_t quantity;
  Money unit_price;
  std::optional<std::int64_t> available;  // of a rejected order: what the store had, if known
};

struct Order {
  OrderId id;
  StoreId store;
  OrderStatus status;
  Time created_at;
  std::int64_t total_quantity;
  Money total_price;
  std::vector<OrderLine> lines;
  std::optional<Time> expires_at = {};  // of an order that was placed as a reservation, also afterwards
};

struct OrderSummary {
  OrderId id;
  OrderStatus status;
  Time created_at;
  std::int64_t total_items;
  std::int64_t total_quantity;
};

struct InventoryRow {
  ProductId product;
  std::string product_title;
  Money price;
  std::string category;
  std::int64_t quantity;
};

// One change of a quantity, and why it changed.
struct Movement {
  std::int64_t id;
  ProductId product;
  std::string reason;            // one of those in the schema
  std::optional<OrderId> order;  // what caused it, where that is an order
  std::int64_t change;
  std::int64_t quantity_after;
  Time created_at;
};

// "CONFIRMED", as the contract and the schema write it.
std::string_view to_string(OrderStatus status);
std::optional<OrderStatus> parse_order_status(std::string_view text);

// "PENDING, CONFIRMED, … or EXPIRED", for the refusal of any other.
std::string list_order_statuses();

// A page of a list that is read in order from a cursor: rows, and what to pass as `after` for those that
// follow; nothing at the end. It says where the page ended, not how many rows came before, so that nothing is
// skipped or repeated while rows arrive.
template <class Row, class Cursor>
struct Page {
  std::vector<Row> rows;
  std::optional<Cursor> next;
};

}  // namespace aforro::shop

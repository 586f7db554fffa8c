// Operations made up by chance from a seed, the same for the same seed and shop: few stores and products, so
// that they get in each other's way, and each seed fond of some kinds of operation and short of others. Looks
// at the model to ask for what exists, for what has just ended, and again for what it has asked before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "seed/goods.h"
#include "support/failing_database.h"
#include "support/shop_model.h"
#include "support/shop_operations.h"

namespace aforro::test {

struct Attempt {
  Operation operation;
  std::optional<Injection> injection;
};

// One, or several that are to be in one commit.
struct Step {
  Time now;
  std::vector<Attempt> attempts;
};

class RandomOperations {
 public:
  static constexpr std::int64_t kStores = 3;

  explicit RandomOperations(std::uint64_t seed);

  Step next(const ShopModel& model);

  // That what was asked with this key has failed, done or not: its client will ask again.
  void failed(const OrderWish& wish) { to_repeat_ = wish; }

 private:
  Time next_time(const ShopModel& model);
  Operation operation(const ShopModel& model);
  OrderWish wish(const ShopModel& model);
  OrderWish plain_wish(const ShopModel& model);
  OrderWish with_key(const ShopModel& model, OrderWish wish);
  OrderWish again(OrderWish wish);
  std::vector<Attempt> together(const ShopModel& model);
  std::optional<Injection> injection();
  PutProduct product();
  Receive receive(const ShopModel& model);
  Adjust adjust(const ShopModel& model);
  std::vector<shop::Goods> goods(const ShopModel& model, std::int64_t most);

  std::int64_t between(std::int64_t least, std::int64_t most);
  template <class T, std::size_t n>
  T one_of(const std::array<T, n>& choices) {
    return choices[random_.below(n)];
  }
  std::int64_t some_store();
  std::int64_t some_product(const ShopModel& model);
  std::int64_t known_product(const ShopModel& model);
  std::int64_t some_order(const ShopModel& model);
  std::int64_t some_quantity();

  seed::SeedRandom random_;
  std::array<std::size_t, std::variant_size_v<Operation>> weights_{};
  std::size_t together_one_in_;
  std::size_t injections_one_in_;  // 0: none
  bool has_large_numbers_;
  bool has_long_pauses_;
  bool hoards_;  // makes reservations of a day, until many are due at once
  std::optional<OrderWish> to_repeat_;
};

}  // namespace aforro::test

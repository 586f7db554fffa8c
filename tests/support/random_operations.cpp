#include "support/random_operations.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace aforro::test {
namespace {

constexpr std::int64_t kUnknown = 999;  // store or product
constexpr std::size_t kFewProducts = 5;
constexpr std::int64_t kMostProducts = 8;
constexpr std::int64_t kKeys = 12;
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

// By the order of Operation's kinds: how often each comes in a shop that is fond of none.
constexpr std::array<std::size_t, std::variant_size_v<Operation>> kUsual{
    30 /*place*/,   9 /*confirm*/, 9 /*cancel*/, 4 /*sweep orders*/, 2 /*sweep keys*/,
    10 /*receive*/, 4 /*adjust*/,  3 /*count*/,  5 /*transfer*/,     3 /*put*/,
    3 /*deliver*/,  6 /*find*/,    4 /*orders*/, 4 /*inventory*/,    3 /*movements*/};

}  // namespace

RandomOperations::RandomOperations(std::uint64_t seed)
    : random_(seed, 0),
      together_one_in_(one_of(std::array<std::size_t, 3>{1'000'000, 30, 6})),
      injections_one_in_(one_of(std::array<std::size_t, 4>{0, 30, 10, 4})),
      has_large_numbers_(random_.one_in(3)),
      has_long_pauses_(random_.one_in(2)),
      hoards_(random_.one_in(8)) {
  for (std::size_t kind = 0; kind < weights_.size(); ++kind) {
    weights_[kind] = kUsual[kind] * one_of(std::array<std::size_t, 4>{0, 1, 1, 4});
  }
  weights_[0] =
      std::max(weights_[0], kUsual[0] * (hoards_ ? 4 : 1));  // nothing comes of a shop without orders,
  weights_[5] = std::max(weights_[5], kUsual[5]);            // nor without goods
}

std::int64_t RandomOperations::between(std::int64_t least, std::int64_t most) {
  return least + static_cast<std::int64_t>(random_.below(static_cast<std::size_t>(most - least + 1)));
}

std::int64_t RandomOperations::some_store() { return random_.one_in(60) ? kUnknown : between(1, kStores); }

std::int64_t RandomOperations::some_product(const ShopModel& model) {
  return random_.one_in(80) ? kUnknown : known_product(model);
}

std::int64_t RandomOperations::known_product(const ShopModel& model) {
  return std::next(model.products.begin(), between(0, std::ssize(model.products) - 1))->first;
}

std::int64_t RandomOperations::some_order(const ShopModel& model) {
  if (model.orders.empty() || random_.one_in(50)) return 1'000'000;
  const std::int64_t count = std::ssize(model.orders);
  const std::int64_t back = random_.one_in(4) ? count : std::min<std::int64_t>(count, 10);
  return std::next(model.orders.rbegin(), between(0, back - 1))->first;
}

std::int64_t RandomOperations::some_quantity() {
  if (random_.one_in(60)) return one_of(std::array<std::int64_t, 4>{0, -1, -1'000'000, 1'000'001});
  if (has_large_numbers_ && random_.one_in(12)) {
    return one_of(std::array<std::int64_t, 4>{500'000, 500'001, 999'999, 1'000'000});
  }
  return random_.one_in(8) ? between(1, 40) : between(1, 4);
}

// Often at the very moment at which something ends, or just before.
Time RandomOperations::next_time(const ShopModel& model) {
  const auto later = [&](std::int64_t micros) { return Time::from_micros(model.now.micros() + micros); };
  const auto edge = [&](Time end) {
    return end > model.now ? Time::from_micros(end.micros() - between(0, 1)) : model.now;
  };
  if (hoards_) return random_.one_in(300) ? later(between(24, 30) * kDay / 24) : later(between(0, 1));
  const std::size_t choice = random_.below(100);
  if (choice < 45) return model.now;
  if (choice < 60) return later(between(0, 3));
  if (choice < 80) return later(between(1, 4 * kSecond));
  if (choice < 90) {
    std::optional<Time> first;
    for (const auto& [id, kept] : model.orders) {
      const auto end = kept.order.expires_at;
      if (model.status(kept.order) == shop::OrderStatus::pending && (!first || *end < *first)) first = *end;
    }
    return first ? edge(*first) : later(1);
  }
  if (choice < 92 && !model.keys.empty()) {
    const auto key = std::next(model.keys.begin(), between(0, std::ssize(model.keys) - 1));
    return has_long_pauses_ ? edge(Time::from_micros(key->second.created_at.micros() + kDay)) : model.now;
  }
  if (choice < 94) return Time::from_micros(model.now.micros() - between(1, 5 * kSecond));  // set back
  if (choice < 98) return later(between(1, 120 * kSecond));
  return has_long_pauses_ ? later(between(1, 40) * kDay / 32) : later(kSecond);
}

OrderWish RandomOperations::plain_wish(const ShopModel& model) {
  OrderWish wish{.store = some_store(), .lines = {}, .email = {}, .hold_seconds = {}, .key = {}};
  const std::int64_t lines = random_.one_in(4) ? between(1, 6) : between(1, 3);
  for (std::int64_t i = 0; i < lines; ++i) {
    wish.lines.push_back({shop::ProductId(some_product(model)), between(1, 6)});
  }
  if (random_.one_in(4)) wish.email = "someone@example.com";
  if (random_.one_in(3)) wish.hold_seconds = one_of(std::array<std::int64_t, 6>{1, 2, 2, 10, 600, 86'400});
  return wish;
}

// What means the same, said otherwise; now and then something else.
OrderWish RandomOperations::again(OrderWish wish) {
  if (random_.one_in(2)) std::reverse(wish.lines.begin(), wish.lines.end());
  if (random_.one_in(3) && wish.lines.front().quantity > 1) {
    --wish.lines.front().quantity;
    wish.lines.push_back({wish.lines.front().product, 1});
  }
  if (random_.one_in(12)) wish.store = between(1, kStores);
  if (random_.one_in(12)) ++wish.lines.back().quantity;
  if (random_.one_in(16)) wish.hold_seconds = 5;
  if (random_.one_in(16)) wish.email = "else@example.com";
  return wish;
}

// With a key that has been used: mostly what it was used for.
OrderWish RandomOperations::with_key(const ShopModel& model, OrderWish wish) {
  if (!random_.one_in(3)) return wish;
  wish.key = "key " + std::to_string(between(1, kKeys));
  const auto used = model.keys.find(*wish.key);
  return used == model.keys.end() || random_.one_in(5) ? wish : again(used->second.wish);
}

OrderWish RandomOperations::wish(const ShopModel& model) {
  if (to_repeat_ && random_.one_in(2)) return *std::exchange(to_repeat_, std::nullopt);
  OrderWish wish = plain_wish(model);
  if (hoards_ && !random_.one_in(10)) {
    return {.store = 1, .lines = {wish.lines.front()}, .email = {}, .hold_seconds = 86'400, .key = {}};
  }
  for (auto& line : wish.lines) line.quantity = some_quantity();
  if (random_.one_in(200)) wish.lines.clear();
  if (random_.one_in(400)) {
    wish.lines.assign(static_cast<std::size_t>(between(2'000, 2'001)), {shop::ProductId(1), 1});
  }
  return with_key(model, wish);
}

std::vector<shop::Goods> RandomOperations::goods(const ShopModel& model, std::int64_t most) {
  std::vector<shop::Goods> goods;
  const std::int64_t lines = random_.one_in(100) ? 0 : between(1, 4);
  for (std::int64_t i = 0; i < lines; ++i) {
    goods.push_back({shop::ProductId(some_product(model)), between(1, most)});
    if (random_.one_in(100)) goods.back().quantity = one_of(std::array<std::int64_t, 2>{0, -5});
    if (has_large_numbers_ && random_.one_in(15)) {
      goods.back().quantity = one_of(
          std::array<std::int64_t, 4>{2'000'000, shop::kMaxStock - 1, shop::kMaxStock, shop::kMaxStock + 1});
    }
  }
  if (random_.one_in(1000)) goods.assign(1'001, {shop::ProductId(1), 1});
  return goods;
}

Receive RandomOperations::receive(const ShopModel& model) {
  return {some_store(), goods(model, random_.one_in(4) ? 80 : 20)};
}

Adjust RandomOperations::adjust(const ShopModel& model) {
  Adjust adjust{some_store(), {}};
  const std::int64_t lines = random_.one_in(60) ? 0 : between(1, 3);
  for (std::int64_t i = 0; i < lines; ++i) {
    const bool is_count = random_.one_in(2);
    const auto kind = is_count ? shop::Correction::Kind::counted : shop::Correction::Kind::difference;
    adjust.lines.push_back(
        {shop::ProductId(some_product(model)), kind, is_count ? between(-1, 30) : between(-6, 6)});
    if (has_large_numbers_ && random_.one_in(20)) {
      adjust.lines.back().quantity = one_of(std::array<std::int64_t, 4>{
          shop::kMaxStock, shop::kMaxStock + 1, -shop::kMaxStock, -shop::kMaxStock - 1});
    }
  }
  return adjust;
}

PutProduct RandomOperations::product() {
  constexpr std::array<std::pair<const char*, const char*>, 7> kTitles{{{"Éclair", "eclair"},
                                                                        {"eclair", "eclair"},
                                                                        {"Zebra Mug", "zebra mug"},
                                                                        {"apple", "apple"},
                                                                        {"Apple Pie", "apple pie"},
                                                                        {"Straße", "strasse"},
                                                                        {"ÅNGSTRÖM", "angstrom"}}};
  constexpr std::array kCategories{"Food", "Café", "Toys & Games"};
  const auto [title, key] = one_of(kTitles);
  return {{.sku = "SKU-" + std::to_string(between(1, kMostProducts)),
           .title = title,
           .title_key = key,
           .price_minor = one_of(std::array<std::int64_t, 5>{0, 1, 850, 65'146, 999'999'999}),
           .category = one_of(kCategories)}};
}

std::optional<Injection> RandomOperations::injection() {
  using Where = Injection::Where;
  using What = Injection::What;
  if (injections_one_in_ == 0 || !random_.one_in(injections_one_in_)) return std::nullopt;
  const Where where =
      one_of(std::array{Where::before_statement, Where::before_statement, Where::after_statement,
                        Where::before_commit, Where::after_commit, Where::after_commit, Where::run_again});
  const bool is_statement = where == Where::before_statement || where == Where::after_statement;
  return Injection{.where = where,
                   .what = one_of(std::array{What::unavailable, What::unavailable, What::lock_timeout,
                                             What::constraint, What::program}),
                   .nth = static_cast<int>(is_statement        ? between(1, 12)
                                           : random_.one_in(4) ? between(2, 3)
                                                               : 1),
                   .fails = random_.one_in(3) ? Fails::once : Fails::from_then_on};
}

// Only what is sure to write, once: then all of it waits together for the same commit.
std::vector<Attempt> RandomOperations::together(const ShopModel& model) {
  std::vector<Attempt> attempts;
  for (std::int64_t count = between(2, 6); count > 0; --count) {
    Attempt& attempt = attempts.emplace_back(Attempt{Confirm{some_order(model)}, injection()});
    const std::size_t choice = random_.below(10);
    if (choice < 6) attempt.operation = Place{with_key(model, plain_wish(model))};
    if (choice == 6) attempt.operation = Cancel{some_order(model)};
    if (choice == 7) {
      attempt.operation = Receive{some_store(), {{shop::ProductId(some_product(model)), between(1, 20)}}};
    }
    if (attempt.injection && attempt.injection->where == Injection::Where::run_again) {
      attempt.injection.reset();
    }
  }
  return attempts;
}

Operation RandomOperations::operation(const ShopModel& model) {
  if (model.products.size() < kFewProducts) return product();
  std::size_t total = 0;
  for (const std::size_t weight : weights_) total += weight;
  std::size_t choice = random_.below(total);
  std::size_t kind = 0;
  while (choice >= weights_[kind]) choice -= weights_[kind++];
  switch (kind) {
    case 0:
      return Place{wish(model)};
    case 1:
      return Confirm{some_order(model)};
    case 2:
      return Cancel{some_order(model)};
    case 3:
      return SweepOrders{random_.one_in(3) ? between(1, 3) : 100};
    case 4:
      return SweepKeys{};
    case 5:
      return receive(model);
    case 6:
      return adjust(model);
    case 7:
      return Count{between(1, kStores), known_product(model), between(0, 40)};
    case 8: {
      const std::int64_t from = some_store();
      const std::int64_t to = random_.one_in(20) ? from : some_store();
      return Transfer{from, to, goods(model, random_.one_in(4) ? 30 : 4)};
    }
    case 9:
      return product();
    case 10:
      return Deliver{between(1, 20)};
    case 11:
      return FindOrder{some_order(model)};
    case 12: {
      std::optional<shop::OrderStatus> status;
      if (!random_.one_in(3)) status = one_of(shop::kOrderStatuses);
      return ListOrders{some_store(), status, one_of(std::array<std::int64_t, 4>{1, 3, 10, 100})};
    }
    case 13: {
      ListInventory list{some_store(), {}, {}};
      if (random_.one_in(3)) list.max_quantity = between(0, 10);
      if (random_.one_in(3)) list.page = between(1, 4);
      return list;
    }
    default:
      return ListMovements{some_store(), one_of(std::array<std::int64_t, 3>{7, 100, 1000})};
  }
}

Step RandomOperations::next(const ShopModel& model) {
  Step step{.now = next_time(model), .attempts = {}};
  const bool is_any_due = std::any_of(model.orders.begin(), model.orders.end(), [&](const auto& kept) {
    const shop::Order& order = kept.second.order;
    return order.status == shop::OrderStatus::pending && *order.expires_at <= step.now;
  });
  const bool has_begun = model.products.size() >= kFewProducts;
  if (has_begun && !is_any_due && random_.one_in(together_one_in_)) {
    step.attempts = together(model);
  } else {
    step.attempts.push_back({operation(model), injection()});
  }
  for (Attempt& attempt : step.attempts) {
    if (std::holds_alternative<Deliver>(attempt.operation)) attempt.injection.reset();
  }
  return step;
}

}  // namespace aforro::test

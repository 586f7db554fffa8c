#include "render/render.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace {

using namespace aforro;  // NOLINT: of several parts
using nlohmann::json;

const Time kTime = Time::from_micros(1'795'466'662'699'193);

shop::Order order_of(shop::OrderStatus status, std::vector<shop::OrderLine> lines) {
  shop::Order order{.id = shop::OrderId(7),
                    .store = shop::StoreId(1),
                    .status = status,
                    .created_at = kTime,
                    .total_quantity = 0,
                    .total_price = {},
                    .lines = std::move(lines)};
  for (const shop::OrderLine& line : order.lines) {
    order.total_quantity += line.quantity;
    order.total_price = order.total_price + line.unit_price * line.quantity;
  }
  return order;
}

shop::OrderLine line(std::int64_t product, std::int64_t quantity,
                     std::optional<std::int64_t> available = {}) {
  return {.product = shop::ProductId(product),
          .product_title = "Mini \"Shoes\"",
          .quantity = quantity,
          .unit_price = Money::from_minor(65'146),
          .available = available};
}

template <class F>
std::string written(F&& write) {
  JsonWriter writer;
  write(writer);
  return writer.take();
}

TEST_CASE("a confirmed order is written as the contract shows it") {
  const auto order = order_of(shop::OrderStatus::confirmed, {line(10, 2), line(15, 1)});
  CHECK(
      written([&](JsonWriter& writer) { render::write_order(writer, order); }) ==
      R"({"id":7,"store_id":1,"status":"CONFIRMED","created_at":"2026-11-23T20:44:22.699193Z",)"
      R"("total_items":2,"total_quantity":3,"total_price":"1954.38","items":[)"
      R"({"product_id":10,"product_title":"Mini \"Shoes\"","quantity_requested":2,"unit_price":"651.46"},)"
      R"({"product_id":15,"product_title":"Mini \"Shoes\"","quantity_requested":1,"unit_price":"651.46"}]})");
}

TEST_CASE("a rejected order adds every short line, with what was available") {
  const auto order = order_of(shop::OrderStatus::rejected, {line(10, 2, 1), line(15, 1, 1), line(16, 3, 0)});
  const json document = json::parse(written([&](JsonWriter& writer) { render::write_order(writer, order); }));
  CHECK(document["status"] == "REJECTED");
  CHECK(document["items"].size() == 3);
  CHECK(document["shortages"] == json({{{"product_id", 10}, {"requested", 2}, {"available", 1}},
                                       {{"product_id", 16}, {"requested", 3}, {"available", 0}}}));
}

TEST_CASE("a rejected order of which nobody knows what was available has no shortages") {
  const auto order = order_of(shop::OrderStatus::rejected, {line(10, 2), line(15, 1)});
  const json document = json::parse(written([&](JsonWriter& writer) { render::write_order(writer, order); }));
  CHECK(document["shortages"] == json::array());
}

TEST_CASE("an order that was a reservation says until when") {
  auto order = order_of(shop::OrderStatus::pending, {line(10, 2)});
  order.expires_at = kTime + std::chrono::seconds(600);
  const json document = json::parse(written([&](JsonWriter& writer) { render::write_order(writer, order); }));
  CHECK(document["status"] == "PENDING");
  CHECK(document["expires_at"] == "2026-11-23T20:54:22.699193Z");
  CHECK(!document.contains("shortages"));
}

TEST_CASE("a movement shows why, by what order, how much and what was left") {
  const std::vector<shop::Movement> movements{{.id = 9,
                                               .product = shop::ProductId(10),
                                               .reason = "cancel",
                                               .order = shop::OrderId(7),
                                               .change = 3,
                                               .quantity_after = 12,
                                               .created_at = kTime},
                                              {.id = 8,
                                               .product = shop::ProductId(10),
                                               .reason = "adjust",
                                               .order = std::nullopt,
                                               .change = -4,
                                               .quantity_after = 9,
                                               .created_at = kTime}};
  CHECK(written([&](JsonWriter& writer) { render::write_movements(writer, movements); }) ==
        R"([{"id":9,"product_id":10,"reason":"cancel","order_id":7,"change":3,"quantity_after":12,)"
        R"("created_at":"2026-11-23T20:44:22.699193Z"},)"
        R"({"id":8,"product_id":10,"reason":"adjust","order_id":null,"change":-4,"quantity_after":9,)"
        R"("created_at":"2026-11-23T20:44:22.699193Z"}])");
}

TEST_CASE("a list of nothing is an empty list") {
  CHECK(written([](JsonWriter& writer) { render::write_order_summaries(writer, {}); }) == "[]");
  CHECK(written([](JsonWriter& writer) { render::write_inventory_rows(writer, {}); }) == "[]");
}

TEST_CASE("orders in a list show what the contract names and no more") {
  const std::vector<shop::OrderSummary> orders = {{.id = shop::OrderId(7),
                                                   .status = shop::OrderStatus::rejected,
                                                   .created_at = kTime,
                                                   .total_items = 2,
                                                   .total_quantity = 3}};
  CHECK(written([&](JsonWriter& writer) { render::write_order_summaries(writer, orders); }) ==
        R"([{"id":7,"status":"REJECTED","created_at":"2026-11-23T20:44:22.699193Z","total_items":2,)"
        R"("total_quantity":3}])");
}

TEST_CASE("rows of inventory show what the contract names, those with nothing left too") {
  const std::vector<shop::InventoryRow> rows = {{.product = shop::ProductId(10),
                                                 .product_title = "Caf\u00E9 </script>",
                                                 .price = Money::from_minor(5),
                                                 .category = "K\u00FCche",
                                                 .quantity = 0}};
  CHECK(written([&](JsonWriter& writer) { render::write_inventory_rows(writer, rows); }) ==
        "[{\"product_id\":10,\"product_title\":\"Caf\u00E9 "
        "</script>\",\"price\":\"0.05\",\"category\":\"K\u00FCche\","
        "\"quantity\":0}]");
}

shop::Product product_of(std::optional<std::string> sku) {
  return {.id = shop::ProductId(10),
          .sku = std::move(sku),
          .title = "Mini Shoes",
          .description = "one\ntwo",
          .price = kMaxPrice,
          .category = "Shoes",
          .created_at = kTime};
}

TEST_CASE("a product has its SKU, or null; a search result has a quantity, or null, and no SKU") {
  const std::string fields =
      R"({"id":10,"title":"Mini Shoes","description":"one\ntwo","price":"9999999.99","category":"Shoes",)"
      R"("created_at":"2026-11-23T20:44:22.699193Z",)";
  const auto product = [](std::optional<std::string> sku) {
    return written([&](JsonWriter& writer) { render::write_product(writer, product_of(std::move(sku))); });
  };
  CHECK(product("MS-1") == fields + R"("sku":"MS-1"})");
  CHECK(product(std::nullopt) == fields + R"("sku":null})");
  const auto result = [](std::optional<std::int64_t> quantity) {
    return written([&](JsonWriter& writer) {
      render::write_search_result(writer, {.product = product_of("MS-1"), .inventory_quantity = quantity});
    });
  };
  CHECK(result(0) == fields + R"("inventory_quantity":0})");
  CHECK(result(std::nullopt) == fields + R"("inventory_quantity":null})");
}

}  // namespace

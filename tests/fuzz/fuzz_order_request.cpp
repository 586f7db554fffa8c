// Orders, as a body of JSON (with the input as Idempotency-Key too). A basket that comes out respects every
// bound, and its fingerprint is that of the same lines in any order and cut in any way, and of no others.
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/order_request.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "fuzz.h"
#include "http/problem_document.h"
#include "shop/order_book.h"

namespace {

using namespace aforro;  // NOLINT: of several parts
using fuzz::require;
using Lines = std::vector<shop::BasketLine>;

http::Request with_body(std::string body) {
  http::Request request;
  request.headers = {{"content-type", "application/json; charset=utf-8"}};
  request.body = std::move(body);
  return request;
}

// All of an order but its lines, which are what is turned and cut.
struct Rest {
  std::int64_t store;
  std::optional<std::string> email;
  std::optional<std::chrono::seconds> reserve_for;
};

std::string body_of(const Rest& rest, const Lines& lines) {
  JsonWriter json;
  json.begin_object();
  if (rest.email) json.key("customer_email").string(*rest.email);
  if (rest.reserve_for) json.key("reserve_for").number(rest.reserve_for->count());
  json.key("items").begin_array();
  for (const shop::BasketLine& line : lines) {
    json.begin_object();
    json.key("quantity_requested").number(line.quantity).key("product_id").number(line.product.value());
    json.end_object();
  }
  json.end_array().key("store_id").number(rest.store).end_object();
  return json.take();
}

std::string print_of(const Rest& rest, const Lines& lines) {
  return api::fingerprint(api::parse_order_request(with_body(body_of(rest, lines))));
}

void check_bounds(const api::OrderRequest& order) {
  require(order.store.value() >= 1);
  const auto& lines = order.basket.lines();
  require(!lines.empty() && lines.size() <= shop::kMaxLines);
  std::set<std::int64_t> products;
  for (const shop::BasketLine& line : lines) {
    require(line.product.value() >= 1);
    require(line.quantity >= 1 && line.quantity <= shop::kMaxQuantity);
    require(products.insert(line.product.value()).second);
  }
  const auto& inputs = order.basket.line_of_input();
  require(inputs.size() >= lines.size() && inputs.size() <= shop::kMaxLines);
  for (const std::size_t line : inputs) require(line < lines.size());
  if (order.reserve_for) {
    require(*order.reserve_for >= shop::kShortestHold && *order.reserve_for <= shop::kLongestHold);
  }
  if (order.customer_email) {
    require(!text_fault(*order.customer_email, 3, 254) &&
            normalize(*order.customer_email) == *order.customer_email);
  }
}

void check_fingerprint(const api::OrderRequest& order) {
  const std::string print = api::fingerprint(order);
  const Rest rest{order.store.value(), order.customer_email, order.reserve_for};
  Lines lines = order.basket.lines();
  std::reverse(lines.begin(), lines.end());
  require(print_of(rest, lines) == print);

  Lines cut = lines;
  if (cut.size() < shop::kMaxLines && cut.front().quantity > 1) {
    --cut.front().quantity;
    cut.push_back({cut.front().product, 1});
    require(print_of(rest, cut) == print);
  }
  Lines other = lines;
  std::int64_t& quantity = other.back().quantity;
  quantity += quantity < shop::kMaxQuantity ? 1 : -1;
  require(print_of(rest, other) != print);
  Rest elsewhere = rest;
  elsewhere.store = rest.store % 1'000 + 1;
  require(elsewhere.store == rest.store || print_of(elsewhere, lines) != print);
  Rest longer = rest;
  longer.reserve_for =
      rest.reserve_for ? *rest.reserve_for % 1'000 + std::chrono::seconds(1) : shop::kLongestHold;
  require(longer.reserve_for == rest.reserve_for || print_of(longer, lines) != print);
}

void check_refusal(const Problem& problem) {
  require(problem.kind() == Problem::Kind::invalid);  // without faults if it is the body as a whole
  require(problem.faults().listed().size() <= Faults::kMaxListed);
  for (const Fault& fault : problem.faults().listed()) {
    require(fault.in == Fault::In::body && !fault.detail.empty());
    require(fault.where.empty() || fault.where.front() == '/');
  }
  const auto answer = http::problem_response(problem, "id").body;
  require(answer->size() <= http::kMaxRefusalBytes && nlohmann::json::accept(*answer));
}

void check_key(std::string_view header) {
  http::Request request;
  request.headers = {{"Idempotency-Key", std::string(header)}};
  const auto key = fuzz::unless_refused([&] { return api::parse_idempotency_key(request).value(); });
  if (!key) return;
  require(!key->empty() && key->size() <= 255 && header.find(*key) != std::string_view::npos);
  require(std::all_of(key->begin(), key->end(), [](char c) { return c > ' ' && c < '\x7F'; }));
  request.headers = {{"Idempotency-Key", '"' + *key + '"'}};
  require(api::parse_idempotency_key(request) == key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check_key(text);
  try {
    const api::OrderRequest order = api::parse_order_request(with_body(std::string(text)));
    check_bounds(order);
    check_fingerprint(order);
  } catch (const Problem& problem) {
    check_refusal(problem);
  }
  return 0;
}

// All faults of a body are reported at once, so reading goes on after each. A value that could not be read is
// left out, and nothing behind this file sees it: finish() throws if there was any fault, and only then is
// the request put together. The basket judges its own bounds (basket.h), and its faults join the others.
//
// The fingerprint is made from the meaning and not from the bytes, so a client that repeats a request may
// order its keys differently and is still answered as the first time.
#include "api/order_request.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/foreign_names.h"
#include "base/hash.h"
#include "base/numbers.h"
#include "base/problem.h"
#include "base/text.h"
#include "http/fields.h"
#include "http/json_body.h"
#include "shop/order_book.h"

namespace aforro::api {
namespace {

using http::JsonBody;
using http::JsonKind;

// Refuses the member that comes next, naming the nearest that is known.
void refuse_name(JsonBody& body, std::string_view name, std::span<const std::string_view> known) {
  body.fault([&] {
    const auto nearest = meant_name(name, known);
    return "is not known here" + (nearest ? "; did you mean " + std::string(*nearest) + "?" : std::string());
  });
  body.skip();
}

// A whole number from 1 to `max`; notes a fault and returns nothing for anything else.
std::optional<std::int64_t> read_number(JsonBody& body, std::int64_t max) {
  if (body.kind() == JsonKind::number) {
    if (const auto number = parse_whole_number(body.number(), 1, max)) return number;
  } else {
    body.skip();
  }
  body.fault([&] {
    return max == shop::kMaxId ? std::string("must be a whole number of at least 1")
                               : "must be a whole number from 1 to " + std::to_string(max);
  });
  return std::nullopt;
}

std::optional<shop::BasketLine> read_line(JsonBody& body) {
  static constexpr std::array<std::string_view, 2> kKnown{"product_id", "quantity_requested"};
  if (body.kind() != JsonKind::object) {
    body.refuse("must be an object");
    return std::nullopt;
  }
  bool has_product = false;
  bool has_quantity = false;
  std::optional<std::int64_t> product;
  std::optional<std::int64_t> quantity;
  body.object([&](std::string_view name) {
    if (name == "product_id") {
      has_product = true;
      product = read_number(body, shop::kMaxId);
    } else if (name == "quantity_requested") {
      has_quantity = true;
      quantity = read_number(body, shop::kMaxQuantity);
    } else {
      refuse_name(body, name, kKnown);
    }
  });
  if (!has_product) body.missing("product_id");
  if (!has_quantity) body.missing("quantity_requested");
  if (!product || !quantity) return std::nullopt;
  return shop::BasketLine{shop::ProductId(*product), *quantity};
}

shop::Basket read_basket(JsonBody& body) {
  std::vector<std::optional<shop::BasketLine>> lines;
  std::size_t count = 0;
  if (body.kind() == JsonKind::array) {
    body.array([&] {
      ++count;
      count <= shop::kMaxLines ? lines.push_back(read_line(body)) : body.skip();
    });
  } else {
    body.skip();
  }
  if (count < 1 || count > shop::kMaxLines) body.fault("must be a list of 1 to 2000 lines");
  return shop::Basket::of(lines, body.faults());
}

std::optional<std::string> read_email(JsonBody& body) {
  if (body.kind() == JsonKind::null) {
    body.skip();
    return std::nullopt;
  }
  if (body.kind() != JsonKind::string) {
    body.refuse("must be a text");
    return std::nullopt;
  }
  const std::string email = body.string();
  if (const auto fault = email_fault(email)) {
    body.fault(*fault);
    return std::nullopt;
  }
  return normalize(email);
}

}  // namespace

OrderRequest parse_order_request(const http::Request& request) {
  static constexpr std::array<std::string_view, 4> kKnown{"store_id", "items", "customer_email",
                                                          "reserve_for"};
  static_assert(shop::kShortestHold == std::chrono::seconds{1});
  if (request.body.empty()) {  // also without a Content-Type
    throw Problem::invalid(
        {{Fault::In::body, "/store_id", "is missing"}, {Fault::In::body, "/items", "is missing"}});
  }
  JsonBody body(request);
  bool has_store = false;
  std::optional<std::int64_t> store;
  std::optional<shop::Basket> basket;
  std::optional<std::string> email;
  std::optional<std::int64_t> reserve_for;
  const auto read_member = [&](std::string_view name) {
    if (name == "store_id") {
      has_store = true;
      store = read_number(body, shop::kMaxId);
    } else if (name == "items") {
      basket = read_basket(body);
    } else if (name == "customer_email") {
      email = read_email(body);
    } else if (name == "reserve_for") {
      reserve_for = read_number(body, shop::kLongestHold.count());
    } else {
      refuse_name(body, name, kKnown);
    }
  };
  if (body.kind() == JsonKind::object) {
    body.object(read_member);
    if (!has_store) body.missing("store_id");
    if (!basket) body.missing("items");
  } else {
    body.refuse("must be a JSON object");
  }
  body.finish();
  return {shop::StoreId(*store), *std::move(basket), std::move(email),
          reserve_for ? std::optional(std::chrono::seconds(*reserve_for)) : std::nullopt};
}

void require_no_fields(const http::Request& request) {
  if (request.body.empty()) return;
  JsonBody body(request);
  if (body.kind() == JsonKind::object) {
    body.object([&](std::string_view name) { refuse_name(body, name, {}); });
  } else {
    body.refuse("must be empty, or an empty JSON object");
  }
  body.finish();
}

std::optional<std::string> parse_idempotency_key(const http::Request& request) {
  std::optional<std::string_view> header;
  for (const auto& [name, value] : request.headers) {
    if (!http::same_word(name, "Idempotency-Key")) continue;
    if (header) throw Problem(Problem::Kind::invalid, "The Idempotency-Key must be given once only.");
    header = value;
  }
  if (!header) return std::nullopt;
  std::string_view key = *header;
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"') key = key.substr(1, key.size() - 2);
  const bool is_visible = std::all_of(key.begin(), key.end(), [](char c) { return c >= '!' && c <= '~'; });
  if (key.empty() || key.size() > 255 || !is_visible) {
    throw Problem(Problem::Kind::invalid, "The Idempotency-Key must be 1 to 255 visible ASCII characters.");
  }
  return std::string(key);
}

std::string fingerprint(const OrderRequest& request) {
  std::string meaning = "POST /orders store " + std::to_string(request.store.value());
  for (const std::size_t i : request.basket.by_product()) {
    const shop::BasketLine& line = request.basket.lines()[i];
    meaning += ' ' + std::to_string(line.product.value()) + ':' + std::to_string(line.quantity);
  }
  if (request.reserve_for) meaning += " reserve " + std::to_string(request.reserve_for->count());
  meaning += " email " + request.customer_email.value_or("");
  return hash_hex(meaning);
}

}  // namespace aforro::api

#include "api/order_request.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/problem.h"
#include "base/text.h"
#include "http/fields.h"
#include "http/json_body.h"
#include "shop/order_book.h"

namespace aforro::api {
namespace {

using nlohmann::json;

class BodyReader {
 public:
  void fault(std::string pointer, std::string detail) {
    faults_.push_back({Fault::In::body, std::move(pointer), std::move(detail)});
  }

  // Notes every field that is not known, naming the nearest that is.
  void check_names(const json& object, const std::string& pointer, std::span<const std::string_view> known) {
    for (const auto& [name, value] : object.items()) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const auto nearest = nearest_name(name, known);
      fault(
          pointer + http::pointer_step(name),
          "is not known here" + (nearest ? "; did you mean " + std::string(*nearest) + "?" : std::string()));
    }
  }

  // A whole number from 1 to `max`; notes a fault and returns nothing for anything else.
  std::optional<std::int64_t> number(const json& object, const char* name, const std::string& pointer,
                                     std::int64_t max) {
    const auto found = object.find(name);
    const std::string at = pointer + '/' + name;
    if (found == object.end()) {
      fault(at, "is missing");
      return std::nullopt;
    }
    if (found->is_number_unsigned()) {
      const auto value = found->get<std::uint64_t>();
      if (value >= 1 && value <= static_cast<std::uint64_t>(max)) return static_cast<std::int64_t>(value);
    }
    fault(at, max == shop::kMaxId ? "must be a whole number of at least 1"
                                  : "must be a whole number from 1 to " + std::to_string(max));
    return std::nullopt;
  }

  std::vector<Fault>& faults() { return faults_; }

 private:
  std::vector<Fault> faults_;
};

std::vector<shop::BasketLine> read_lines(BodyReader& reader, const json& body) {
  static constexpr std::array<std::string_view, 2> kKnown{"product_id", "quantity_requested"};
  std::vector<shop::BasketLine> lines;
  const auto items = body.find("items");
  if (items == body.end()) {
    reader.fault("/items", "is missing");
    return lines;
  }
  if (!items->is_array() || items->empty() || items->size() > shop::kMaxLines) {
    reader.fault("/items", "must be a list of 1 to 2000 lines");
    return lines;
  }
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::string pointer = "/items/" + std::to_string(i);
    const json& item = (*items)[i];
    if (!item.is_object()) {
      reader.fault(pointer, "must be an object");
      continue;
    }
    reader.check_names(item, pointer, kKnown);
    const auto product = reader.number(item, "product_id", pointer, shop::kMaxId);
    const auto quantity = reader.number(item, "quantity_requested", pointer, shop::kMaxQuantity);
    if (product && quantity) lines.push_back({shop::ProductId(*product), *quantity});
  }
  return lines;
}

std::optional<std::string> read_email(BodyReader& reader, const json& body) {
  const auto found = body.find("customer_email");
  if (found == body.end() || found->is_null()) return std::nullopt;
  if (!found->is_string()) {
    reader.fault("/customer_email", "must be a text");
    return std::nullopt;
  }
  const auto& email = found->get_ref<const std::string&>();
  if (const auto fault = email_fault(email)) {
    reader.fault("/customer_email", *fault);
    return std::nullopt;
  }
  return normalize(email);
}

std::optional<std::chrono::seconds> read_reserve_for(BodyReader& reader, const json& body) {
  static_assert(shop::kShortestHold == std::chrono::seconds{1});
  if (!body.contains("reserve_for")) return std::nullopt;
  const auto seconds = reader.number(body, "reserve_for", "", shop::kLongestHold.count());
  return seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt;
}

}  // namespace

OrderRequest parse_order_request(const http::Request& request) {
  static constexpr std::array<std::string_view, 4> kKnown{"store_id", "items", "customer_email",
                                                          "reserve_for"};
  const json body = http::parse_json_body(request);
  BodyReader reader;
  if (!body.is_object()) throw Problem::invalid({{Fault::In::body, "", "must be a JSON object"}});
  reader.check_names(body, "", kKnown);
  const auto store = reader.number(body, "store_id", "", shop::kMaxId);
  const std::vector<shop::BasketLine> lines = read_lines(reader, body);
  std::optional<std::string> email = read_email(reader, body);
  const auto reserve_for = read_reserve_for(reader, body);
  if (!reader.faults().empty()) throw Problem::invalid(std::move(reader.faults()));
  return {shop::StoreId(*store), shop::Basket::of(lines), std::move(email), reserve_for};
}

void require_no_fields(const http::Request& request) {
  if (request.body.empty()) return;
  const json body = http::parse_json_body(request);
  if (!body.is_object())
    throw Problem::invalid({{Fault::In::body, "", "must be empty, or an empty JSON object"}});
  BodyReader reader;
  reader.check_names(body, "", {});
  if (!reader.faults().empty()) throw Problem::invalid(std::move(reader.faults()));
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

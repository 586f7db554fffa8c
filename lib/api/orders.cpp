#include "api/cursor.h"
#include "api/handlers.h"
#include "api/order_request.h"
#include "base/numbers.h"
#include "base/parameters.h"
#include "http/refusals.h"
#include "render/render.h"

namespace aforro::api {
namespace {

std::string render(const shop::Order& order) {
  JsonWriter json;
  render::write_order(json, order);
  return json.take();
}

void no_parameters(const http::Request& request) { ParameterReader(request.query, {}).finish(); }

http::Response created(shop::OrderId id, std::string body) {
  http::Response response = http::json_response(201, std::move(body));
  response.headers.emplace_back("Location", "/orders/" + std::to_string(id.value()) + "/");
  return response;
}

http::Response change(const Services& services, const http::Request& request,
                      shop::Order (shop::OrderBook::*event)(shop::OrderId)) {
  http::Refusals refusals;
  refusals.of([&] { no_parameters(request); });
  refusals.of([&] { require_no_fields(request); });
  refusals.finish();
  return http::json_response(200, render((services.orders.*event)(shop::OrderId(request.path_ids.at(0)))));
}

std::optional<shop::OrderCursor> read_order_cursor(ParameterReader& reader, const std::string& list) {
  const auto given = reader.text("cursor");
  if (!given) return std::nullopt;
  if (const auto fields = read_cursor(*given, list, 2)) {
    const auto created_at =
        parse_whole_number((*fields)[0], std::numeric_limits<std::int64_t>::min(), shop::kMaxId);
    const auto id = parse_whole_number((*fields)[1], 1, shop::kMaxId);
    if (created_at && id) return shop::OrderCursor{Time::from_micros(*created_at), shop::OrderId(*id)};
  }
  reader.fault("cursor", "must be one that this list gave");
  return std::nullopt;
}

}  // namespace

http::Response place_order(const Services& services, const http::Request& request) {
  std::optional<std::string> key;
  std::optional<OrderRequest> parsed;
  http::Refusals refusals;
  refusals.of([&] { no_parameters(request); });
  refusals.of([&] { key = parse_idempotency_key(request); });
  refusals.of([&] { parsed = parse_order_request(request); });
  refusals.finish();
  const OrderRequest& wanted = *parsed;
  if (!key) {
    const shop::Order order =
        services.orders.place(wanted.store, wanted.basket, wanted.customer_email, wanted.reserve_for);
    return created(order.id, render(order));
  }
  shop::Placed placed =
      services.orders.place(wanted.store, wanted.basket, wanted.customer_email,
                            {.key = *key,
                             .fingerprint = fingerprint(wanted),
                             .answer = [](const shop::Order& order) { return render(order); }},
                            wanted.reserve_for);
  http::Response response = created(placed.id, std::move(placed.answer));
  if (placed.replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
  return response;
}

http::Response show_order(const Services& services, const http::Request& request) {
  no_parameters(request);
  const auto order = services.orders.find(shop::OrderId(request.path_ids.at(0)));
  if (!order) throw Problem::not_found("There is no order " + std::to_string(request.path_ids.at(0)) + ".");
  return http::json_response(200, render(*order));
}

http::Response confirm_order(const Services& services, const http::Request& request) {
  return change(services, request, &shop::OrderBook::confirm);
}

http::Response cancel_order(const Services& services, const http::Request& request) {
  return change(services, request, &shop::OrderBook::cancel);
}

http::Response list_orders(const Services& services, const http::Request& request) {
  const shop::StoreId store(request.path_ids.at(0));
  ParameterReader reader(request.query, {"limit", "cursor", "status"});
  const std::int64_t limit = reader.limit("limit", 1000).value_or(100);
  std::optional<shop::OrderStatus> status;
  if (const auto given = reader.text("status")) {
    status = shop::parse_order_status(*given);
    if (!status) reader.fault("status", "must be " + shop::list_order_statuses());
  }
  const std::string name =
      "orders/" + std::to_string(store.value()) + "/" + std::string(status ? to_string(*status) : "");
  const auto after = read_order_cursor(reader, name);
  reader.finish();

  const auto page = services.orders.list(store, status, after, limit);
  JsonWriter json;
  render::write_order_summaries(json, page.rows);
  http::Response response = http::json_response(200, json.take());
  if (page.next) {
    std::string next = request.base_url + "/stores/" + std::to_string(store.value()) +
                       "/orders/?limit=" + std::to_string(limit) + "&cursor=" +
                       make_cursor(name, {std::to_string(page.next->created_at.micros()),
                                          std::to_string(page.next->id.value())});
    if (status) next += "&status=" + std::string(to_string(*status));
    response.headers.emplace_back("Link", "<" + next + ">; rel=\"next\"");
  }
  return response;
}

}  // namespace aforro::api

// The bodies of POST /orders/ and of what can be done to an order, and the Idempotency-Key, read once at the
// edge.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "shop/basket.h"

namespace aforro::api {

struct OrderRequest {
  shop::StoreId store;
  shop::Basket basket;
  std::optional<std::string> customer_email;
  std::optional<std::chrono::seconds> reserve_for;  // a reservation, held for so long
};

// Throws Problem (invalid) with every fault of the body.
OrderRequest parse_order_request(const http::Request& request);

// For a request that says everything by its path: throws Problem (invalid) for a body with anything in it.
void require_no_fields(const http::Request& request);

// The key without its quotes; nothing without the header. Throws Problem (invalid) if it is not 1 to 255
// visible ASCII characters, or is given twice.
std::optional<std::string> parse_idempotency_key(const http::Request& request);

// Equal for requests that mean the same: repeated lines are added up, and the order of lines does not count.
std::string fingerprint(const OrderRequest& request);

}  // namespace aforro::api

#include "api/routes.h"

#include <algorithm>
#include <array>

#include "api/handlers.h"
#include "http/route.h"

namespace aforro::api {
namespace {

struct Row {
  std::string_view name;
  std::string_view method;
  std::string_view pattern;
  http::Response (*answer)(const Services&, const http::Request&);
  http::BodyPolicy body = http::kNoBody;
};

// clang-format off
constexpr std::array kRoutes{
    Row{"home",         "GET",  "/",                      show_home},

    Row{"search",       "GET",  "/api/search/products",   search_products},
    Row{"suggest",      "GET",  "/api/search/suggest",    suggest_titles},
    Row{"product",      "GET",  "/api/products/{id}",     show_product},
    Row{"categories",   "GET",  "/api/categories",        list_categories},
    Row{"stores",       "GET",  "/api/stores",            list_stores},

    Row{"orders",       "POST", "/orders",                place_order,   http::kJsonBody},
    Row{"order",        "GET",  "/orders/{id}",           show_order},
    Row{"confirm",      "POST", "/orders/{id}/confirm",   confirm_order, http::kJsonBody},
    Row{"cancel",       "POST", "/orders/{id}/cancel",    cancel_order,  http::kJsonBody},
    Row{"store-orders", "GET",  "/stores/{id}/orders",    list_orders},

    Row{"inventory",    "GET",  "/stores/{id}/inventory", list_inventory},
    Row{"movements",    "GET",  "/stores/{id}/movements", list_movements},

    Row{"livez",        "GET",  "/livez",                 show_alive},
    Row{"readyz",       "GET",  "/readyz",                show_ready},
    Row{"problems",     "GET",  "/problems",              list_problems},
    Row{"problems",     "GET",  "/problems/{name}",       explain_problem},
    Row{"files",        "GET",  "/files/{name}",          show_file},
};
// clang-format on

}  // namespace

void add_routes(http::Router& router, const Services& services) {
  for (const Row& row : kRoutes) {
    router.add({.name = row.name,
                .method = row.method,
                .pattern = row.pattern,
                .body = row.body,
                .handler = [services, answer = row.answer](const http::Request& request) {
                  return answer(services, request);
                }});
  }
}

std::vector<std::string_view> route_names() {
  std::vector<std::string_view> names;
  for (const Row& row : kRoutes) {
    if (std::find(names.begin(), names.end(), row.name) == names.end()) names.push_back(row.name);
  }
  return names;
}

}  // namespace aforro::api

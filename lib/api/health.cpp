#include "api/routes.h"
#include "base/json_writer.h"
#include "base/problem.h"

namespace aforro::api {
namespace {

http::Response status(std::string_view text) {
  JsonWriter json;
  json.begin_object().key("status").string(text).end_object();
  http::Response response = http::json_response(200, json.take());
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

void add_health_routes(http::Router& router, const Services& services) {
  // Alive: it answers, and touches nothing.
  router.get("/livez", [](const http::Request&) { return status("ok"); });
  // Ready: an order could be stored.
  sql::Database& database = services.database;
  router.get("/readyz", [&database](const http::Request&) {
    if (const auto obstacle = database.write_obstacle()) {
      throw Problem::unavailable("No order can be stored now: " + *obstacle + ".");
    }
    return status("ready");
  });
}

}  // namespace aforro::api

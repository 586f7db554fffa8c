#include "api/routes.h"
#include "base/json_writer.h"

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
  // Ready: the database answers; if not, the dispatcher says 503.
  sql::Database& database = services.database;
  router.get("/readyz", [&database](const http::Request&) {
    database.read(
        [](sql::Connection& connection) { connection.maybe_integer("SELECT version FROM catalogue"); });
    return status("ready");
  });
}

}  // namespace aforro::api

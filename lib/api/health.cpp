#include "api/handlers.h"
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

// Alive: it answers, and touches nothing.
http::Response show_alive(const Services&, const http::Request&) { return status("ok"); }

// Ready: an order could be stored. Degraded: it could, and all else is answered as well, but by this server
// alone.
http::Response show_ready(const Services& services, const http::Request&) {
  if (const auto obstacle = services.database.write_obstacle()) {
    throw Problem::unavailable("No order can be stored now: " + *obstacle + ".");
  }
  return status(services.is_degraded() ? "degraded" : "ready");
}

}  // namespace aforro::api

#include "api/cursor.h"
#include "api/handlers.h"
#include "base/numbers.h"
#include "base/parameters.h"
#include "render/render.h"

namespace aforro::api {

http::Response list_movements(const Services& services, const http::Request& request) {
  const shop::StoreId store(request.path_ids.at(0));
  const std::string name = "movements/" + std::to_string(store.value());
  ParameterReader reader(request.query, {"limit", "cursor"});
  const std::int64_t limit = reader.limit("limit", 1000).value_or(100);
  std::optional<std::int64_t> before;
  if (const auto given = reader.text("cursor")) {
    if (const auto fields = read_cursor(*given, name, 1)) {
      before = parse_whole_number((*fields)[0], 1, shop::kMaxId);
    }
    if (!before) reader.fault("cursor", "must be one that this list gave");
  }
  reader.finish();

  const auto page = services.ledger.list(store, before, limit);
  JsonWriter json;
  render::write_movements(json, page.rows);
  http::Response response = http::json_response(200, json.take());
  if (page.next) {
    response.headers.emplace_back(
        "Link", "<" + request.base_url + "/stores/" + std::to_string(store.value()) +
                    "/movements/?limit=" + std::to_string(limit) +
                    "&cursor=" + make_cursor(name, {std::to_string(*page.next)}) + ">; rel=\"next\"");
  }
  return response;
}

}  // namespace aforro::api

#include "api/handlers.h"
#include "base/parameters.h"
#include "render/render.h"

namespace aforro::api {
namespace {

void no_parameters(const http::Request& request) { ParameterReader(request.query, {}).finish(); }

}  // namespace

http::Response list_stores(const Services& services, const http::Request& request) {
  no_parameters(request);
  JsonWriter json;
  render::write_stores(json, services.catalogue.stores());
  return http::json_response(200, json.take());
}

http::Response list_categories(const Services& services, const http::Request& request) {
  no_parameters(request);
  JsonWriter json;
  render::write_categories(json, services.catalogue.categories());
  return http::json_response(200, json.take());
}

http::Response show_product(const Services& services, const http::Request& request) {
  no_parameters(request);
  const auto product = services.catalogue.find_product(shop::ProductId(request.path_ids.at(0)));
  if (!product)
    throw Problem::not_found("There is no product " + std::to_string(request.path_ids.at(0)) + ".");
  JsonWriter json;
  render::write_product(json, *product);
  return http::json_response(200, json.take());
}

}  // namespace aforro::api

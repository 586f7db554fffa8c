#include "api/routes.h"
#include "base/parameters.h"
#include "render/render.h"

namespace aforro::api {
namespace {

void no_parameters(const http::Request& request) { ParameterReader(request.query, {}).finish(); }

http::Response list_stores(shop::Catalogue& catalogue, const http::Request& request) {
  no_parameters(request);
  JsonWriter json;
  render::write_stores(json, catalogue.stores());
  return http::json_response(200, json.take());
}

http::Response list_categories(shop::Catalogue& catalogue, const http::Request& request) {
  no_parameters(request);
  JsonWriter json;
  render::write_categories(json, catalogue.categories());
  return http::json_response(200, json.take());
}

http::Response show_product(shop::Catalogue& catalogue, const http::Request& request) {
  no_parameters(request);
  const auto product = catalogue.find_product(shop::ProductId(request.path_ids.at(0)));
  if (!product)
    throw Problem::not_found("There is no product " + std::to_string(request.path_ids.at(0)) + ".");
  JsonWriter json;
  render::write_product(json, *product);
  return http::json_response(200, json.take());
}

}  // namespace

void add_catalogue_routes(http::Router& router, const Services& services) {
  shop::Catalogue& catalogue = services.catalogue;
  router.get("/api/stores", [&](const http::Request& request) { return list_stores(catalogue, request); });
  router.get("/api/categories",
             [&](const http::Request& request) { return list_categories(catalogue, request); });
  router.get("/api/products/{id}",
             [&](const http::Request& request) { return show_product(catalogue, request); });
}

}  // namespace aforro::api

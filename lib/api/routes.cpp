#include "api/routes.h"

namespace aforro::api {

void add_routes(http::Router& router, const Services& services) {
  add_order_routes(router, services);
  add_movement_routes(router, services);
  add_inventory_routes(router, services);
  add_search_routes(router, services);
  add_catalogue_routes(router, services);
  add_health_routes(router, services);
  add_page_routes(router, services);
}

}  // namespace aforro::api

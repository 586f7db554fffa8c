// Every route of the contract, entered into a router; one function for each resource, in the file of its
// name.
#pragma once

#include "api/services.h"
#include "http/router.h"

namespace aforro::api {

void add_routes(http::Router& router, const Services& services);

void add_order_routes(http::Router& router, const Services& services);
void add_movement_routes(http::Router& router, const Services& services);
void add_inventory_routes(http::Router& router, const Services& services);
void add_search_routes(http::Router& router, const Services& services);
void add_catalogue_routes(http::Router& router, const Services& services);
void add_health_routes(http::Router& router, const Services& services);
void add_page_routes(http::Router& router, const Services& services);

}  // namespace aforro::api

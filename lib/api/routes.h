// Every route of the contract, as one table.
#pragma once

#include <string_view>
#include <vector>

#include "api/services.h"
#include "http/router.h"

namespace aforro::api {

void add_routes(http::Router& router, const Services& services);

// The names of the routes, each once, in the order of the table: what limits and logs know them by.
std::vector<std::string_view> route_names();

}  // namespace aforro::api

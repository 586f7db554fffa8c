// What answers each route of the table (routes.cpp), one file for each resource.
#pragma once

#include "api/services.h"
#include "http/message.h"

namespace aforro::api {

// catalogue.cpp
http::Response list_stores(const Services& services, const http::Request& request);
http::Response list_categories(const Services& services, const http::Request& request);
http::Response show_product(const Services& services, const http::Request& request);

// search.cpp
http::Response search_products(const Services& services, const http::Request& request);
http::Response suggest_titles(const Services& services, const http::Request& request);

// orders.cpp
http::Response place_order(const Services& services, const http::Request& request);
http::Response show_order(const Services& services, const http::Request& request);
http::Response confirm_order(const Services& services, const http::Request& request);
http::Response cancel_order(const Services& services, const http::Request& request);
http::Response list_orders(const Services& services, const http::Request& request);

// inventory.cpp, movements.cpp
http::Response list_inventory(const Services& services, const http::Request& request);
http::Response list_movements(const Services& services, const http::Request& request);

// health.cpp
http::Response show_alive(const Services& services, const http::Request& request);
http::Response show_ready(const Services& services, const http::Request& request);

// home_page.cpp, problem_pages.cpp
http::Response show_home(const Services& services, const http::Request& request);
http::Response list_problems(const Services& services, const http::Request& request);
http::Response explain_problem(const Services& services, const http::Request& request);

// files.cpp
http::Response show_file(const Services& services, const http::Request& request);

}  // namespace aforro::api

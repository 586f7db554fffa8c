// The first page: what this is, the routes, and what to try, of what the shop has.
#pragma once

#include <string>
#include <string_view>

#include "shop/examples.h"

namespace aforro::api {

// The content of the page, as HTML. `base_url` is the address under which it was asked for.
std::string home_content(std::string_view base_url, const shop::Examples& examples);

}  // namespace aforro::api

// The pages under /problems/: what each kind of refusal means, with an example.
#pragma once

#include <string_view>

#include "http/router.h"

namespace aforro::api {

void add_problem_pages(http::Router& router, std::string_view version);

}  // namespace aforro::api

// The few pages for people: what this is, and what each kind of problem means.
#include <string>

#include "api/home_page.h"
#include "api/page_frame.h"
#include "api/problem_pages.h"
#include "api/routes.h"

namespace aforro::api {
namespace {

// What there is to lead to; nothing while the database does not say.
shop::Examples examples_of(sql::Database& database) {
  try {
    return shop::find_examples(database);
  } catch (const Unavailable&) {
    return {};
  }
}

}  // namespace

void add_page_routes(http::Router& router, const Services& services) {
  const std::string version(services.version);
  router.get("/", [version, &database = services.database](const http::Request& request) {
    const std::string content = home_content(request.base_url, examples_of(database));
    return http::html_response(200, framed("aforro", content, version));
  });
  add_problem_pages(router, version);
}

}  // namespace aforro::api

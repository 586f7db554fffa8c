// The few pages for people: what this is, and what each kind of problem means.
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/home_page.h"
#include "api/page_frame.h"
#include "api/routes.h"
#include "http/problem_document.h"

namespace aforro::api {
namespace {

constexpr std::string_view kRequestId = "0c6f1e9ad27b4835";

std::string problem_list(std::string_view version) {
  std::string content =
      "<h1>Problems</h1>\n<p class=\"lead\">Every error is answered as <code>application/problem+json</code> "
      "(RFC 9457). Its <code>type</code> is one of these pages.</p>\n<ul class=\"routes\">\n";
  for (const http::ProblemType& type : http::problem_types()) {
    content += "<li><b class=\"post\">" + std::to_string(type.status) + "</b><a href=\"/problems/" +
               std::string(type.slug) + "\">" + escaped(type.title) + "</a><span><code>" +
               std::string(type.slug) + "</code></span></li>\n";
  }
  return framed("Problems", content + "</ul>\n", version);
}

http::Response response_of(const http::ProblemType& type) {
  if (type.status != 400) return http::problem_response(type, type.explanation, kRequestId);
  return http::problem_response(Problem::invalid({{Fault::In::body, "/items/0/quantity_requested",
                                                   "must be a whole number of at least 1"}}),
                                kRequestId);
}

// An answer as it might be, over several lines.
std::string example_of(const http::ProblemType& type) {
  return nlohmann::ordered_json::parse(*response_of(type).body).dump(2);
}

std::string problem_page(const http::ProblemType& type, std::string_view version) {
  return framed(type.title,
                "<h1>" + escaped(type.title) + "</h1>\n<p class=\"lead\">" + escaped(type.explanation) +
                    "</p>\n<p>Status " + std::to_string(type.status) +
                    ". An answer of this kind:</p>\n<pre>" + escaped(example_of(type)) +
                    "</pre>\n<p><a href=\"/problems/\">All problems</a></p>\n",
                version);
}

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
  const auto add = [&](const std::string& path, std::string page) {
    router.get(path,
               [page = std::move(page)](const http::Request&) { return http::html_response(200, page); });
  };
  add("/problems", problem_list(version));
  for (const http::ProblemType& type : http::problem_types()) {
    add("/problems/" + std::string(type.slug), problem_page(type, version));
  }
}

}  // namespace aforro::api

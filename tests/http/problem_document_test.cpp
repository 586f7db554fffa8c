#include "http/problem_document.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace {

using namespace aforro::http;  // NOLINT: all of it is under test
using aforro::Fault;
using nlohmann::json;

TEST_CASE("every kind of problem has a name of its own that fits a path, and explains itself") {
  std::set<std::string_view> slugs;
  for (const ProblemType& type : problem_types()) {
    CAPTURE(type.slug);
    CHECK(slugs.insert(type.slug).second);
    CHECK(type.status >= 400);
    CHECK(!type.slug.empty());
    CHECK(std::all_of(type.slug.begin(), type.slug.end(),
                      [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; }));
    CHECK(!type.title.empty());
    CHECK(!type.explanation.empty());
    CHECK((&problem_type(type.status) == &type || type.slug == "outcome-unknown"));
  }
}

TEST_CASE("an outcome that is not known is a problem of its own, and says how to go on") {
  const Response response = problem_response(aforro::Problem::outcome_unknown("It may be stored."), "r-1");
  CHECK(response.status == 503);
  CHECK(find_header(response.headers, "Retry-After") == "1");
  CHECK(json::parse(*response.body) == json({{"type", "/problems/outcome-unknown"},
                                             {"title", "Outcome unknown"},
                                             {"status", 503},
                                             {"detail", "It may be stored."},
                                             {"request_id", "r-1"}}));
  CHECK(problem_type(503).slug == "unavailable");
}

TEST_CASE("every status that the contract or a transport answers with has a type") {
  for (const int status : {400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 422, 429, 431, 500, 501, 503}) {
    CAPTURE(status);
    CHECK(problem_type(status).status == status);
  }
}

TEST_CASE("a status without a type counts as a fault of ours") {
  CHECK(problem_type(418).status == 500);
  CHECK(problem_type(0).status == 500);
}

TEST_CASE("a document has the members of RFC 9457, and errors only where there are faults") {
  const Response response =
      problem_response(HttpError(404, "There is no such page.", {{"X-Why", "gone"}}), "r-1");
  CHECK(response.status == 404);
  CHECK(response.content_type == "application/problem+json");
  CHECK(find_header(response.headers, "X-Why") == "gone");
  CHECK(json::parse(*response.body) == json({{"type", "/problems/not-found"},
                                             {"title", "Not found"},
                                             {"status", 404},
                                             {"detail", "There is no such page."},
                                             {"request_id", "r-1"}}));
}

TEST_CASE("a fault of the body has a pointer, one of the query a parameter") {
  const auto problem = aforro::Problem::invalid(
      {{Fault::In::body, "/a\"b", "must \"not\""}, {Fault::In::query, "page", "must be a whole number"}});
  const json document = json::parse(*problem_response(problem, "r-1").body);
  CHECK(document["errors"] == json({{{"pointer", "/a\"b"}, {"detail", "must \"not\""}},
                                    {{"parameter", "page"}, {"detail", "must be a whole number"}}}));
  CHECK(document["detail"] == problem.detail());
}

TEST_CASE("a fact that a program has to know is a member of the document") {
  const auto problem =
      aforro::Problem(aforro::Problem::Kind::conflict, "It is gone.").with("order_status", "EXPIRED");
  const json document = json::parse(*problem_response(problem, "r-1").body);
  CHECK(document["order_status"] == "EXPIRED");
  CHECK(document["status"] == 409);
  CHECK(document.size() == 6);
}

TEST_CASE("a problem says its first fault in words") {
  CHECK(aforro::Problem::invalid({{Fault::In::query, "page", "must be a whole number"}}).detail() ==
        "The request has a fault: page must be a whole number.");
  CHECK(aforro::Problem::invalid(
            {{Fault::In::body, "", "must be a JSON object"}, {Fault::In::body, "/a", "is odd"}})
            .detail() == "The request has faults; the first: it must be a JSON object.");
}

}  // namespace

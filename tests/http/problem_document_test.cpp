#include "http/problem_document.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace {

using namespace aforro::http;  // NOLINT: all of it is under test
using aforro::Fault;
using aforro::Problem;
using nlohmann::json;

TEST_CASE("every kind of problem has a name of its own that fits a path, and a status") {
  std::set<std::string_view> names;
  for (const Problem::Kind kind : Problem::kAllKinds) {
    const std::string_view name = name_of(kind);
    CAPTURE(name);
    CHECK(names.insert(name).second);
    CHECK(!name.empty());
    CHECK(std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; }));
    CHECK(!title_of(kind).empty());
    CHECK(status_of(kind) >= 400);
    CHECK(problem_path(kind) == "/problems/" + std::string(name));
  }
  CHECK(names.size() == static_cast<std::size_t>(Problem::Kind::unknown) + 1);
}

TEST_CASE("every status that the contract or a transport answers with is that of a kind") {
  std::set<int> statuses;
  for (const Problem::Kind kind : Problem::kAllKinds) statuses.insert(status_of(kind));
  CHECK(statuses ==
        std::set<int>{400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 416, 422, 429, 431, 500, 501, 503});
}

TEST_CASE("an outcome that is not known is a problem of its own, and says how to go on") {
  const Response response = problem_response(Problem::outcome_unknown(), "r-1");
  CHECK(response.status == 503);
  CHECK(find_header(response.headers, "Retry-After") == "1");
  const json document = json::parse(*response.body);
  CHECK(document["type"] == "/problems/outcome-unknown");
  CHECK(document["title"] == "Outcome unknown");
  CHECK(document["detail"] ==
        "It may have been stored, or not: look, or send it again with the same Idempotency-Key.");
}

TEST_CASE("a document has the members of RFC 9457, and errors only where there are faults") {
  const Response response = problem_response(Problem::not_found("There is no such page."), "r-1");
  CHECK(response.status == 404);
  CHECK(response.content_type == "application/problem+json");
  CHECK(response.headers.empty());
  CHECK(json::parse(*response.body) == json({{"type", "/problems/not-found"},
                                             {"title", "Not found"},
                                             {"status", 404},
                                             {"detail", "There is no such page."},
                                             {"request_id", "r-1"}}));
}

TEST_CASE("a fault of the body has a pointer, one of the query a parameter") {
  const auto problem = Problem::invalid(
      {{Fault::In::body, "/a\"b", "must \"not\""}, {Fault::In::query, "page", "must be a whole number"}});
  const json document = json::parse(*problem_response(problem, "r-1").body);
  CHECK(document["errors"] == json({{{"pointer", "/a\"b"}, {"detail", "must \"not\""}},
                                    {{"parameter", "page"}, {"detail", "must be a whole number"}}}));
  CHECK(document["detail"] == problem.detail());
}

TEST_CASE("a fact that a program has to know is a member of the document") {
  const auto problem = Problem(Problem::Kind::conflict, "It is gone.").with("order_status", "EXPIRED");
  const json document = json::parse(*problem_response(problem, "r-1").body);
  CHECK(document["order_status"] == "EXPIRED");
  CHECK(document["status"] == 409);
  CHECK(document.size() == 6);
}

TEST_CASE("a problem says its first fault in words") {
  CHECK(Problem::invalid({{Fault::In::query, "page", "must be a whole number"}}).detail() ==
        "The request has a fault: page must be a whole number.");
  CHECK(Problem::invalid({{Fault::In::body, "", "must be a JSON object"}, {Fault::In::body, "/a", "is odd"}})
            .detail() == "The request has faults; the first: it must be a JSON object.");
}

}  // namespace

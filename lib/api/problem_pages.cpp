// The pages under /problems/: what each kind of refusal means, with an example.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/handlers.h"
#include "api/page_frame.h"
#include "base/html.h"
#include "base/problem.h"
#include "http/problem_document.h"

namespace aforro::api {
namespace {

constexpr std::string_view kRequestId = "0c6f1e9ad27b4835";

std::string_view explanation_of(Problem::Kind kind) {
  switch (kind) {
    case Problem::Kind::invalid:
      return "Something in the request has to be changed before it can be answered. \"errors\" lists the "
             "faults: a \"pointer\" (RFC 6901) into the body or the \"parameter\" of the query, and what is "
             "wrong with it. At most 50 are listed; \"more_errors\" counts the others.";
    case Problem::Kind::unauthorized:
      return "The request needs an API key or a signed-in user.";
    case Problem::Kind::forbidden:
      return "Whoever asks is known, but may not do this.";
    case Problem::Kind::not_found:
      return "There is no such page or no such thing.";
    case Problem::Kind::method_not_allowed:
      return "The page exists, but not for this method. The header Allow lists those it has.";
    case Problem::Kind::timed_out:
      return "The request was announced but did not arrive in time.";
    case Problem::Kind::conflict:
      return "The thing is not in a state in which this can be done to it.";
    case Problem::Kind::body_too_large:
      return "A request body has at most 1 MiB.";
    case Problem::Kind::target_too_long:
      return "The target of a request has at most 8 KiB.";
    case Problem::Kind::range_not_satisfiable:
      return "The header Range asks for bytes behind the end. The header Content-Range says how many there "
             "are.";
    case Problem::Kind::unsupported_type:
      return "A request body needs the header Content-Type: application/json.";
    case Problem::Kind::key_reused:
      return "The Idempotency-Key was used for another request. Make a new key for a new request.";
    case Problem::Kind::rate_limited:
      return "Ask again after the seconds in the header Retry-After.";
    case Problem::Kind::head_too_large:
      return "The headers of a request have at most 8 KiB in sum.";
    case Problem::Kind::internal:
      return "The fault is on our side. It is in the log under the request_id of the answer.";
    case Problem::Kind::not_implemented:
      return "The method, or the transfer coding, is not known here.";
    case Problem::Kind::unavailable:
      return "The server can't do this right now: too much is waiting, the disk is full, or the database is "
             "locked. Nothing was changed. Ask again after the seconds in the header Retry-After.";
    case Problem::Kind::unknown:
      return "The database went away just when what was asked for was to be stored: it may have been stored, "
             "or not. Look, or send the request again with the same Idempotency-Key: with that it is stored "
             "once, and answered as it would have been. Without the header, sending an order again may place "
             "it twice.";
  }
  return {};
}

std::string problem_list(std::string_view version) {
  std::string content =
      "<h1>Problems</h1>\n<p class=\"lead\">Every error is answered as <code>application/problem+json</code> "
      "(RFC 9457). Its <code>type</code> is one of these pages.</p>\n<ul class=\"routes\">\n";
  for (const Problem::Kind kind : Problem::kAllKinds) {
    content += "<li><b class=\"post\">" + std::to_string(http::status_of(kind)) + "</b><a href=\"" +
               http::problem_path(kind) + "\">" + escaped(title_of(kind)) + "</a><span><code>" +
               std::string(name_of(kind)) + "</code></span></li>\n";
  }
  return framed("Problems", content + "</ul>\n", version);
}

Problem example_of(Problem::Kind kind) {
  if (kind != Problem::Kind::invalid) return {kind, std::string(explanation_of(kind))};
  return Problem::invalid(
      {{Fault::In::body, "/items/0/quantity_requested", "must be a whole number of at least 1"}});
}

// An answer as it might be, over several lines.
std::string answer_to(const Problem& problem) {
  return nlohmann::ordered_json::parse(*http::problem_response(problem, kRequestId).body).dump(2);
}

std::string problem_page(Problem::Kind kind, std::string_view version) {
  return framed(title_of(kind),
                "<h1>" + escaped(title_of(kind)) + "</h1>\n<p class=\"lead\">" +
                    escaped(explanation_of(kind)) + "</p>\n<p>Status " +
                    std::to_string(http::status_of(kind)) + ". An answer of this kind:</p>\n<pre>" +
                    escaped(answer_to(example_of(kind))) +
                    "</pre>\n<p><a href=\"/problems/\">All problems</a></p>\n",
                version);
}

}  // namespace

http::Response list_problems(const Services& services, const http::Request&) {
  return http::html_response(200, problem_list(services.version));
}

http::Response explain_problem(const Services& services, const http::Request& request) {
  const std::string& name = request.path_texts.at(0);
  const auto kind = std::find_if(Problem::kAllKinds.begin(), Problem::kAllKinds.end(),
                                 [&](Problem::Kind one) { return name_of(one) == name; });
  if (kind == Problem::kAllKinds.end()) throw Problem::not_found("There is no such page.");
  return http::html_response(200, problem_page(*kind, services.version));
}

}  // namespace aforro::api

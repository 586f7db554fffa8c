#include "http/problem_document.h"

#include "base/json_writer.h"
#include "base/shorten.h"

namespace aforro::http {
namespace {

constexpr std::size_t kMaxDetailBytes = 2'048;
constexpr std::size_t kMaxFactBytes = 512;  // and few of them
static_assert(Faults::kMaxListed * (Faults::kMaxWhereBytes + Faults::kMaxDetailBytes + 32) + 8'192 <
              kMaxRefusalBytes);

void write_faults(JsonWriter& json, const Faults& faults) {
  if (faults.empty()) return;
  json.key("errors").begin_array();
  for (const Fault& fault : faults.listed()) {
    json.begin_object();
    json.key(fault.in == Fault::In::body ? "pointer" : "parameter").string(fault.where);
    json.key("detail").string(fault.detail);
    json.end_object();
  }
  json.end_array();
  if (faults.more() > 0) json.key("more_errors").number(static_cast<std::int64_t>(faults.more()));
}

}  // namespace

int status_of(Problem::Kind kind) {
  switch (kind) {
    case Problem::Kind::invalid:
      return 400;
    case Problem::Kind::unauthorized:
      return 401;
    case Problem::Kind::forbidden:
      return 403;
    case Problem::Kind::not_found:
      return 404;
    case Problem::Kind::method_not_allowed:
      return 405;
    case Problem::Kind::timed_out:
      return 408;
    case Problem::Kind::conflict:
      return 409;
    case Problem::Kind::body_too_large:
      return 413;
    case Problem::Kind::target_too_long:
      return 414;
    case Problem::Kind::unsupported_type:
      return 415;
    case Problem::Kind::range_not_satisfiable:
      return 416;
    case Problem::Kind::key_reused:
      return 422;
    case Problem::Kind::rate_limited:
      return 429;
    case Problem::Kind::head_too_large:
      return 431;
    case Problem::Kind::internal:
      return 500;
    case Problem::Kind::not_implemented:
      return 501;
    case Problem::Kind::unavailable:
    case Problem::Kind::unknown:
      return 503;
  }
  return 500;
}

std::string problem_path(Problem::Kind kind) { return "/problems/" + std::string(name_of(kind)); }

Response problem_response(const Problem& problem, std::string_view request_id) {
  const int status = status_of(problem.kind());
  JsonWriter json;
  json.begin_object();
  json.key("type").string(problem_path(problem.kind()));
  json.key("title").string(title_of(problem.kind()));
  json.key("status").number(status);
  json.key("detail").string(shortened(problem.detail(), kMaxDetailBytes));
  json.key("request_id").string(request_id);
  for (const auto& [name, value] : problem.facts()) json.key(name).string(shortened(value, kMaxFactBytes));
  write_faults(json, problem.faults());
  json.end_object();
  Response response = json_response(status, json.take());
  response.content_type = "application/problem+json";
  if (const auto seconds = problem.retry_after()) {
    response.headers.emplace_back("Retry-After", std::to_string(seconds->count()));
  }
  return response;
}

}  // namespace aforro::http

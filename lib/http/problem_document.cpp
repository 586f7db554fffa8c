#include "http/problem_document.h"

#include <algorithm>
#include <array>

#include "base/json_writer.h"
#include "base/shorten.h"

namespace aforro::http {
namespace {

constexpr std::array kTypes{
    ProblemType{
        400, "invalid-request", "The request is not valid",
        "Something in the request has to be changed before it can be answered. \"errors\" lists the faults: "
        "a \"pointer\" (RFC 6901) into the body or the \"parameter\" of the query, and what is wrong with "
        "it. At most 50 are listed; \"more_errors\" counts the others."},
    ProblemType{401, "unauthorized", "Sign-in needed", "The request needs an API key or a signed-in user."},
    ProblemType{403, "forbidden", "Not allowed", "Whoever asks is known, but may not do this."},
    ProblemType{404, "not-found", "Not found", "There is no such page or no such thing."},
    ProblemType{405, "method-not-allowed", "Method not allowed",
                "The page exists, but not for this method. The header Allow lists those it has."},
    ProblemType{408, "request-timeout", "Request timed out",
                "The request was announced but did not arrive in time."},
    ProblemType{409, "conflict", "Conflict", "The thing is not in a state in which this can be done to it."},
    ProblemType{413, "payload-too-large", "Body too large", "A request body has at most 1 MiB."},
    ProblemType{414, "uri-too-long", "Address too long", "The target of a request has at most 8 KiB."},
    ProblemType{415, "unsupported-media-type", "Unsupported media type",
                "A request body needs the header Content-Type: application/json."},
    ProblemType{422, "idempotency-key-reused", "Idempotency-Key reused",
                "The Idempotency-Key was used for another request. Make a new key for a new request."},
    ProblemType{429, "rate-limited", "Too many requests",
                "Ask again after the seconds in the header Retry-After."},
    ProblemType{431, "headers-too-large", "Headers too large",
                "The headers of a request have at most 8 KiB in sum."},
    ProblemType{500, "internal", "Internal error",
                "The fault is on our side. It is in the log under the request_id of the answer."},
    ProblemType{501, "not-implemented", "Not implemented",
                "The method, or the transfer coding, is not known here."},
    ProblemType{503, "unavailable", "Unavailable for the moment",
                "The server can't do this right now: too much is waiting, the disk is full, or the database "
                "is locked. "
                "Nothing was changed. Ask again after the seconds in the header Retry-After."},
    ProblemType{
        503, "outcome-unknown", "Outcome unknown",
        "The database went away just when what was asked for was to be stored: it may have been stored, "
        "or not. Look, or send the request again with the same Idempotency-Key: with that it is stored "
        "once, and answered as it would have been. Without the header, sending an order again may place "
        "it twice."},
};

int status_of(Problem::Kind kind) {
  switch (kind) {
    case Problem::Kind::invalid:
      return 400;
    case Problem::Kind::not_found:
      return 404;
    case Problem::Kind::conflict:
      return 409;
    case Problem::Kind::key_reused:
      return 422;
    case Problem::Kind::rate_limited:
      return 429;
    case Problem::Kind::unavailable:
    case Problem::Kind::unknown:
      return 503;
  }
  return 500;
}

constexpr std::size_t kMaxDetailBytes = 2'048;
constexpr std::size_t kMaxFactBytes = 512;  // and few of them
static_assert(Faults::kMaxListed * (Faults::kMaxWhereBytes + Faults::kMaxDetailBytes + 32) + 8'192 <
              kMaxRefusalBytes);

void begin(JsonWriter& json, const ProblemType& type, std::string_view detail, std::string_view request_id) {
  json.begin_object();
  json.key("type").string("/problems/" + std::string(type.slug));
  json.key("title").string(type.title);
  json.key("status").number(type.status);
  json.key("detail").string(shortened(detail, kMaxDetailBytes));
  json.key("request_id").string(request_id);
}

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

Response end(JsonWriter json, const ProblemType& type) {
  json.end_object();
  Response response = json_response(type.status, json.take());
  response.content_type = "application/problem+json";
  return response;
}

}  // namespace

std::span<const ProblemType> problem_types() { return kTypes; }

const ProblemType& problem_type(int status) {
  const auto of = [](int wanted) {
    return std::find_if(kTypes.begin(), kTypes.end(),
                        [&](const ProblemType& type) { return type.status == wanted; });
  };
  const auto found = of(status);
  return found != kTypes.end() ? *found : *of(500);
}

const ProblemType& problem_type(Problem::Kind kind) {
  if (kind != Problem::Kind::unknown) return problem_type(status_of(kind));
  return *std::find_if(kTypes.begin(), kTypes.end(),
                       [](const ProblemType& type) { return type.slug == "outcome-unknown"; });
}

Response problem_response(const ProblemType& type, std::string_view detail, std::string_view request_id) {
  JsonWriter json;
  begin(json, type, detail, request_id);
  return end(std::move(json), type);
}

Response problem_response(const Problem& problem, std::string_view request_id) {
  const ProblemType& type = problem_type(problem.kind());
  JsonWriter json;
  begin(json, type, problem.detail(), request_id);
  for (const auto& [name, value] : problem.facts()) json.key(name).string(shortened(value, kMaxFactBytes));
  write_faults(json, problem.faults());
  Response response = end(std::move(json), type);
  if (const auto seconds = problem.retry_after()) {
    response.headers.emplace_back("Retry-After", std::to_string(seconds->count()));
  }
  return response;
}

Response problem_response(const HttpError& error, std::string_view request_id) {
  const ProblemType& type = problem_type(error.status());
  JsonWriter json;
  begin(json, type, error.detail(), request_id);
  write_faults(json, error.faults());
  Response response = end(std::move(json), type);
  response.headers.insert(response.headers.end(), error.headers().begin(), error.headers().end());
  return response;
}

}  // namespace aforro::http

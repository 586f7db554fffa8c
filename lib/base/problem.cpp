#include "base/problem.h"

#include <cassert>

namespace aforro {
namespace {

struct Words {
  std::string_view name;
  std::string_view title;
};

constexpr Words words_of(Problem::Kind kind) {
  switch (kind) {
    case Problem::Kind::invalid:
      return {"invalid-request", "The request is not valid"};
    case Problem::Kind::unauthorized:
      return {"unauthorized", "Sign-in needed"};
    case Problem::Kind::forbidden:
      return {"forbidden", "Not allowed"};
    case Problem::Kind::not_found:
      return {"not-found", "Not found"};
    case Problem::Kind::method_not_allowed:
      return {"method-not-allowed", "Method not allowed"};
    case Problem::Kind::timed_out:
      return {"request-timeout", "Request timed out"};
    case Problem::Kind::conflict:
      return {"conflict", "Conflict"};
    case Problem::Kind::body_too_large:
      return {"payload-too-large", "Body too large"};
    case Problem::Kind::target_too_long:
      return {"uri-too-long", "Address too long"};
    case Problem::Kind::range_not_satisfiable:
      return {"range-not-satisfiable", "No such part"};
    case Problem::Kind::unsupported_type:
      return {"unsupported-media-type", "Unsupported media type"};
    case Problem::Kind::key_reused:
      return {"idempotency-key-reused", "Idempotency-Key reused"};
    case Problem::Kind::rate_limited:
      return {"rate-limited", "Too many requests"};
    case Problem::Kind::head_too_large:
      return {"headers-too-large", "Headers too large"};
    case Problem::Kind::internal:
      return {"internal", "Internal error"};
    case Problem::Kind::not_implemented:
      return {"not-implemented", "Not implemented"};
    case Problem::Kind::unavailable:
      return {"unavailable", "Unavailable for the moment"};
    case Problem::Kind::unknown:
      return {"outcome-unknown", "Outcome unknown"};
  }
  return words_of(Problem::Kind::internal);
}

}  // namespace

std::string_view name_of(Problem::Kind kind) { return words_of(kind).name; }
std::string_view title_of(Problem::Kind kind) { return words_of(kind).title; }

Problem Problem::outcome_unknown() {
  return {Kind::unknown,
          "It may have been stored, or not: look, or send it again with the same Idempotency-Key.",
          std::chrono::seconds{1}};
}

Problem Problem::invalid(Faults faults) {
  assert(!faults.empty());
  std::string detail =
      faults.listed().size() == 1 ? "The request has a fault: " : "The request has faults; the first: ";
  const Fault& first = faults.listed().front();
  detail += first.where.empty() ? "it" : first.where;
  detail += ' ';
  detail += first.detail;
  if (!detail.ends_with('?')) detail += '.';  // "did you mean min_price?"
  return {Kind::invalid, std::move(detail), std::move(faults)};
}

}  // namespace aforro

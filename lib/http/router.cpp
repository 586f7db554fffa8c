#include "http/router.h"

#include <cassert>
#include <limits>
#include <optional>

#include "base/numbers.h"
#include "base/percent_encoding.h"
#include "base/problem.h"

namespace aforro::http {
namespace {

// The segments between the slashes, decoded, of a path that begins with one; one at the end makes no
// difference.
std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);
  if (path.empty()) return segments;
  if (path.ends_with('/')) path.remove_suffix(1);
  for (;;) {
    const std::size_t end = path.find('/');
    segments.push_back(percent_decode(path.substr(0, end)));
    if (end == std::string_view::npos) return segments;
    path.remove_prefix(end + 1);
  }
}

std::optional<std::vector<std::int64_t>> match(const std::vector<std::string>& pattern,
                                               const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return std::nullopt;
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == "{id}") {
      const auto id = parse_whole_number(segments[i], 1, std::numeric_limits<std::int64_t>::max());
      if (!id) return std::nullopt;
      ids.push_back(*id);
    } else if (pattern[i] != segments[i]) {
      return std::nullopt;
    }
  }
  return ids;
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  assert(pattern.starts_with('/') && (pattern == "/" || !pattern.ends_with('/')));
  routes_.push_back({std::string(method), split(pattern), std::move(handler)});
}

Response Router::route(Request& request) const {
  if (!is_known_method(request.method)) {
    throw Problem(Problem::Kind::not_implemented, "The method is not known here.");
  }
  const std::string_view wanted =
      request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
  if (request.path.starts_with('/')) {
    const auto segments = split(request.path);
    for (const Route& route : routes_) {
      if (route.method != wanted) continue;
      if (auto ids = match(route.segments, segments)) {
        request.path_ids = std::move(*ids);
        return route.handler(request);
      }
    }
  }
  const std::string allowed = methods(request);
  if (allowed.empty()) throw Problem::not_found("There is no such page.");
  if (request.method == "OPTIONS") {
    Response response;
    response.status = 204;
    response.headers.emplace_back("Allow", allowed);
    return response;
  }
  throw Problem(Problem::Kind::method_not_allowed, "This page has no " + request.method + ".");
}

std::string Router::methods(const Request& request) const {
  // "*" is the whole server (RFC 9110, 9.3.7).
  if (request.method == "OPTIONS" && request.path == "*") return "GET, HEAD, POST, OPTIONS";
  if (!request.path.starts_with('/')) return {};
  const auto segments = split(request.path);
  std::string allowed;
  for (const Route& route : routes_) {
    if (!match(route.segments, segments)) continue;
    allowed += route.method == "GET" ? "GET, HEAD, " : route.method + ", ";
  }
  return allowed.empty() ? allowed : allowed + "OPTIONS";
}

}  // namespace aforro::http

#include "http/router.h"

#include <cassert>
#include <limits>
#include <optional>

#include "base/numbers.h"
#include "base/percent_encoding.h"
#include "http/problem_document.h"

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
  if (!is_known_method(request.method)) throw HttpError(501, "The method is not known here.");
  const std::string_view wanted =
      request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
  std::string allow;
  // "*" is the whole server (RFC 9110, 9.3.7).
  if (request.method == "OPTIONS" && request.path == "*") allow = "GET, HEAD, POST, ";
  const bool is_path = request.path.starts_with('/');
  const auto segments = is_path ? split(request.path) : std::vector<std::string>();
  for (const Route& route : routes_) {
    if (!is_path) break;
    auto ids = match(route.segments, segments);
    if (!ids) continue;
    if (route.method == wanted) {
      request.path_ids = std::move(*ids);
      return route.handler(request);
    }
    allow += route.method == "GET" ? "GET, HEAD, " : route.method + ", ";
  }
  if (allow.empty()) throw HttpError(404, "There is no such page.");
  allow += "OPTIONS";
  if (request.method == "OPTIONS") {
    Response response;
    response.status = 204;
    response.headers.emplace_back("Allow", allow);
    return response;
  }
  throw HttpError(405, "This page has no " + request.method + ".", {{"Allow", allow}});
}

}  // namespace aforro::http

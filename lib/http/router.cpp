#include "http/router.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/numbers.h"
#include "http/problem_document.h"

namespace aforro::http {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

std::optional<std::vector<std::int64_t>> match(const std::vector<std::string>& pattern,
                                               const std::vector<std::string_view>& segments) {
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
  const auto segments = split(pattern);
  routes_.push_back({std::string(method), {segments.begin(), segments.end()}, std::move(handler)});
}

Response Router::route(Request& request) const {
  if (!is_known_method(request.method)) throw HttpError(501, "The method is not known here.");
  const std::string_view wanted =
      request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
  const auto segments = split(request.path);
  std::string allow;
  // "*" is the whole server (RFC 9110, 9.3.7).
  const bool is_whole_server = request.method == "OPTIONS" && request.path == "*";
  for (const Route& route : routes_) {
    if (is_whole_server) break;
    auto ids = match(route.segments, segments);
    if (!ids) continue;
    if (route.method == wanted) {
      request.path_ids = std::move(*ids);
      return route.handler(request);
    }
    allow += route.method == "GET" ? "GET, HEAD, " : route.method + ", ";
  }
  if (is_whole_server) allow = "GET, HEAD, POST, ";
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

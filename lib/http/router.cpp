// The table is walked from its first row: it has some dozens, a row is told from the path by its number of
// segments or its first one, and a tree would have to say anew what "the first that matches" means where a
// name may stand for a literal.
//
// A path is split where it was sent with a slash, and only then decoded, so an encoded slash separates
// nothing. Most paths have nothing to decode, and then nothing is copied.
#include "http/router.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <optional>

#include "base/numbers.h"
#include "base/percent_encoding.h"
#include "base/problem.h"

namespace aforro::http {
namespace {

// The segments between the slashes of a path that begins with one, as they were sent; one at the end makes no
// difference.
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  path.remove_prefix(1);
  if (path.empty()) return segments;
  if (path.ends_with('/')) path.remove_suffix(1);
  segments.reserve(8);
  for (;;) {
    const std::size_t end = path.find('/');
    segments.push_back(path.substr(0, end));
    if (end == std::string_view::npos) return segments;
    path.remove_prefix(end + 1);
  }
}

// What a request's path says: its segments as sent, and decoded, which are the same unless there is a '%'.
class Path {
 public:
  explicit Path(std::string_view path) : sent_(split(path)), segments_(sent_) {
    if (path.find('%') == std::string_view::npos) return;
    decoded_.reserve(sent_.size());
    for (std::string_view& segment : segments_) segment = decoded_.emplace_back(percent_decode(segment));
  }
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;
  ~Path() = default;

  std::size_t size() const { return segments_.size(); }
  std::string_view operator[](std::size_t i) const { return segments_[i]; }

  // From a segment to the end, as sent; empty if a segment of it is.
  std::string_view rest(std::size_t from) const {
    for (std::size_t i = from; i < sent_.size(); ++i) {
      if (sent_[i].empty()) return {};
    }
    return {sent_[from].data(),
            static_cast<std::size_t>(sent_.back().data() - sent_[from].data()) + sent_.back().size()};
  }

 private:
  const std::vector<std::string_view> sent_;
  std::vector<std::string> decoded_;
  std::vector<std::string_view> segments_;
};

struct Found {
  std::vector<std::int64_t> ids;
  std::vector<std::string> texts;
};

std::optional<Found> match(const std::vector<std::string_view>& pattern, const Path& path) {
  const bool takes_rest = !pattern.empty() && pattern.back() == "{rest}";
  if (takes_rest ? path.size() < pattern.size() : path.size() != pattern.size()) return std::nullopt;
  Found found;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == "{id}") {
      const auto id = parse_whole_number(path[i], 1, std::numeric_limits<std::int64_t>::max());
      if (!id) return std::nullopt;
      found.ids.push_back(*id);
    } else if (pattern[i] == "{name}") {
      if (path[i].empty()) return std::nullopt;
      found.texts.emplace_back(path[i]);
    } else if (pattern[i] == "{rest}") {
      found.texts.emplace_back(path.rest(i));
      if (found.texts.back().empty()) return std::nullopt;
    } else if (pattern[i] != path[i]) {
      return std::nullopt;
    }
  }
  return found;
}

}  // namespace

void Router::add(Route route) {
  const std::string_view pattern = route.pattern;
  assert(pattern.starts_with('/') && (pattern == "/" || !pattern.ends_with('/')));
  assert(is_known_method(route.method) && route.method != "HEAD" && route.method != "OPTIONS");
  patterns_.push_back(split(pattern));
  const auto& segments = patterns_.back();
  assert(segments.empty() || std::find(segments.begin(), segments.end() - 1, "{rest}") == segments.end() - 1);
  routes_.push_back(std::move(route));
}

const Route& Router::find(Request& request) const {
  if (!is_known_method(request.method)) {
    throw Problem(Problem::Kind::not_implemented, "The method is not known here.");
  }
  const std::string_view wanted =
      request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
  if (request.path.starts_with('/')) {
    const Path path(request.path);
    for (std::size_t i = 0; i < routes_.size(); ++i) {
      if (routes_[i].method != wanted) continue;
      if (auto found = match(patterns_[i], path)) {
        request.path_ids = std::move(found->ids);
        request.path_texts = std::move(found->texts);
        return routes_[i];
      }
    }
  }
  methods(request);  // there is such a path
  throw Problem(Problem::Kind::method_not_allowed, "This page has no " + request.method + ".");
}

std::string Router::methods(const Request& request) const {
  // "*" is the whole server (RFC 9110, 9.3.7).
  const bool is_server = request.method == "OPTIONS" && request.path == "*";
  std::string allowed;
  const auto allow = [&](std::string_view method) {
    if (allowed.find(method) != std::string::npos) return;  // no method is part of another's name
    allowed += method == "GET" ? "GET, HEAD, " : std::string(method) + ", ";
  };
  if (is_server) {
    for (const Route& route : routes_) allow(route.method);
  } else if (request.path.starts_with('/')) {
    const Path path(request.path);
    for (std::size_t i = 0; i < routes_.size(); ++i) {
      if (match(patterns_[i], path)) allow(routes_[i].method);
    }
  }
  if (allowed.empty() && !is_server) throw Problem::not_found("There is no such page.");
  return allowed + "OPTIONS";
}

}  // namespace aforro::http

// What decides where a body ends, and whose host a link names, is read in this file alone, and strictly: a
// server that forgives what a proxy reads otherwise invites request smuggling. Refused are bare LF at the end
// of a line, blanks before the colon, folded lines (obs-fold), two lengths that differ, a length beside
// chunks, two hosts, and chunks under HTTP/1.0.
#include "http/request_head.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "base/numbers.h"
#include "base/problem.h"
#include "http/fields.h"
#include "http/transport.h"

namespace aforro::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

[[noreturn]] void refuse(const char* why) { throw Problem(Problem::Kind::invalid, why); }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\t'; });
}

// Cuts a line off, without its end.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find(kLineEnd);
  if (end == std::string_view::npos) refuse("A line of the head does not end as it must.");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + kLineEnd.size());
  return line;
}

// The host of an absolute target ("http://host/path?query"), leaving what an ordinary one has; nothing if it
// is not absolute.
std::optional<std::string_view> take_authority(std::string_view& target) {
  const std::size_t colon = target.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = target.substr(0, colon);
  if (!same_word(scheme, "http") && !same_word(scheme, "https")) return std::nullopt;
  const std::string_view rest = target.substr(colon + 3);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  target = rest.substr(end);
  return rest.substr(0, end);
}

struct RequestLine {
  bool is_version_1_0 = false;
  std::optional<std::string_view> host;  // that the target names
};

RequestLine parse_request_line(std::string_view line, Request& request) {
  const std::size_t first = line.find(' ');
  // The first and the last blank: whatever stands between is the target, and refused if it has a blank
  // itself.
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    // A version that is missing is what HTTP/0.9 looks like.
    if (line.size() > kMaxTargetBytes)
      throw Problem(Problem::Kind::target_too_long, "The target of a request has at most 8 KiB.");
    refuse("This is no HTTP/1.1 request.");
  }
  const std::string_view method = line.substr(0, first);
  std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method)) refuse("The method is malformed.");
  request.method = method;
  if (target.size() > kMaxTargetBytes)
    throw Problem(Problem::Kind::target_too_long, "The target of a request has at most 8 KiB.");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") refuse("This is no HTTP/1.1 request.");
  const bool has_gap =
      std::any_of(target.begin(), target.end(), [](char c) { return c == ' ' || is_control(c); });
  if (target.empty() || has_gap) refuse("The target of the request is malformed.");

  RequestLine found{.is_version_1_0 = version == "HTTP/1.0", .host = {}};
  if (method == "CONNECT" || (method == "OPTIONS" && target == "*")) {
    request.path = target;
    return found;
  }
  if (target.front() != '/') {
    found.host = take_authority(target);
    if (!found.host || !is_host(*found.host)) refuse("The target of the request is malformed.");
  }
  parse_target(target, request.path, request.query);
  if (request.path.empty()) request.path = "/";  // "http://host?query"
  return found;
}

// RFC 9112, 3.2: exactly one Host, though it may be empty; HTTP/1.0 can do without.
void check_host(const RequestLine& line, HeaderList& headers) {
  std::vector<std::string*> hosts;
  for (auto& [name, value] : headers) {
    if (same_word(name, "Host")) hosts.push_back(&value);
  }
  if (hosts.size() > 1) refuse("There is more than one Host header.");
  if (hosts.empty() && !line.is_version_1_0) refuse("The request needs a Host header.");
  if (!hosts.empty() && !hosts.front()->empty() && !is_host(*hosts.front())) {
    refuse("The Host header names no host.");
  }
  if (!line.host) return;
  if (hosts.empty()) hosts.push_back(&headers.emplace_back("Host", "").second);
  *hosts.front() = *line.host;
}

void check_codings(const HeaderList& headers) {
  std::vector<std::string_view> codings;
  for_each_element(headers, "Transfer-Encoding", [&](std::string_view coding) { codings.push_back(coding); });
  const auto chunked = [](std::string_view coding) { return same_word(coding, "chunked"); };
  // Without chunks at the end nothing says where the body ends (RFC 9112, 6.3).
  if (codings.empty() || !chunked(codings.back())) refuse("The last transfer coding must be chunked.");
  if (std::count_if(codings.begin(), codings.end(), chunked) > 1) refuse("A body is chunked only once.");
  if (codings.size() > 1)
    throw Problem(Problem::Kind::not_implemented, "The only transfer coding understood here is chunked.");
}

bool wants_close(const HeaderList& headers, bool is_version_1_0) {
  bool close = false;
  bool keep = false;
  for_each_element(headers, "Connection", [&](std::string_view option) {
    close = close || same_word(option, "close");
    keep = keep || same_word(option, "keep-alive");
  });
  return close || (is_version_1_0 && !keep);
}

}  // namespace

RequestHead parse_head(std::string_view head, Request& request) {
  // One empty line before a request is forgiven: some clients end their bodies with one.
  if (head.starts_with(kLineEnd)) head.remove_prefix(kLineEnd.size());
  const RequestLine line = parse_request_line(take_line(head), request);
  parse_headers(head, request.headers);
  check_host(line, request.headers);
  const Framing framing = parse_framing(request.headers);
  // HTTP/1.0 has no chunks. If they come all the same, something on the way has misread the request.
  if (line.is_version_1_0 && framing.is_chunked) refuse("HTTP/1.0 has no transfer codings.");
  return {.framing = framing,
          .wants_close = wants_close(request.headers, line.is_version_1_0),
          .is_version_1_0 = line.is_version_1_0};
}

void parse_headers(std::string_view lines, HeaderList& headers) {
  if (lines.size() > kMaxHeaderBytes)
    throw Problem(Problem::Kind::head_too_large, "The headers have at most 8 KiB in sum.");
  while (!lines.empty()) {
    const std::string_view line = take_line(lines);
    if (line.empty()) return;
    const std::size_t colon = line.find(':');
    // A line that begins with a blank goes on with the one before (obs-fold): its name is no token.
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
        !is_value(line.substr(colon + 1))) {
      refuse("A header line is malformed.");
    }
    headers.emplace_back(line.substr(0, colon), trim_blanks(line.substr(colon + 1)));
  }
}

Framing parse_framing(const HeaderList& headers) {
  Framing framing;
  std::optional<std::string_view> length;
  for (const auto& [name, value] : headers) {
    if (!same_word(name, "Content-Length")) continue;
    if (length && *length != value) refuse("There are two different Content-Length headers.");
    length = value;
  }
  if (find_header(headers, "Transfer-Encoding")) {
    if (length) refuse("A body has either a Content-Length or chunks.");
    check_codings(headers);
    framing.is_chunked = true;
  }
  if (!length) return framing;
  const bool is_digits = !length->empty() && std::all_of(length->begin(), length->end(),
                                                         [](char c) { return c >= '0' && c <= '9'; });
  if (!is_digits) refuse("The Content-Length is no number.");
  const auto bytes = parse_whole_number(*length, 0, std::numeric_limits<std::int64_t>::max());
  framing.content_bytes =
      bytes ? static_cast<std::uint64_t>(*bytes) : std::numeric_limits<std::uint64_t>::max();
  return framing;
}

}  // namespace aforro::http

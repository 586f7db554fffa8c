// What those who run the program write: files of settings, a rate, an address to listen on. What is read
// means what it says, so that written plainly it is read the same.
#include <algorithm>
#include <string>
#include <string_view>
#include <variant>

#include "base/assignments.h"
#include "fuzz.h"
#include "http/listen_address.h"
#include "http/origin.h"
#include "limit/limiter.h"

namespace {

using namespace aforro;  // NOLINT: of several parts
using fuzz::require;

std::string quoted(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '$' || c == '\n' || c == '\r' || c == '\t') text += '\\';
    text += c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : c;
  }
  return text + '"';
}

void check_assignments(std::string_view text) {
  const auto found = fuzz::unless_refused([&] { return parse_assignments(text); });
  if (!found) return;
  std::string written;
  std::int64_t line = 0;
  for (const Assignment& assignment : *found) {
    require(assignment.line > line);
    line = assignment.line;
    require(!assignment.name.empty() && assignment.name.find_first_of(" =#\n\"") == std::string::npos);
    require(assignment.value.find('\0') == std::string::npos);
    written += "  export " + assignment.name + " = " + quoted(assignment.value) + " # as it was\r\n";
  }
  const auto again = parse_assignments(written);
  require(again.size() == found->size());
  for (std::size_t i = 0; i < again.size(); ++i) {
    require(again[i].name == (*found)[i].name && again[i].value == (*found)[i].value);
  }
}

bool is_ours(std::string_view name) { return name.starts_with('A'); }

// What others write never stops us: a refusal names one of our names. And a file without our letter has
// nothing of ours, nor anything to refuse.
void check_shared(std::string_view text) {
  std::int64_t line = 0;
  try {
    for (const Assignment& assignment : find_assignments(text, &is_ours)) {
      require(is_ours(assignment.name) && assignment.line > line);
      require(assignment.value.find('\0') == std::string::npos);
      line = assignment.line;
    }
  } catch (const Problem& problem) {
    require(problem.detail().starts_with("line ") && problem.detail().find('A') != std::string::npos);
  }
  std::string theirs(text);
  std::replace(theirs.begin(), theirs.end(), 'A', 'B');
  require(find_assignments(theirs, &is_ours).empty());
}

void check_rate(std::string_view text) {
  const auto rate = limit::parse_rate(text);
  if (!rate) return;
  require(rate->burst >= 1 && rate->burst <= 1'000'000);
  require(rate->window >= std::chrono::seconds(1) && rate->window <= std::chrono::hours(24));
  const auto again =
      limit::parse_rate(std::to_string(rate->burst) + '/' + std::to_string(rate->window.count()) + 's');
  require(again && again->burst == rate->burst && again->window == rate->window);
}

// What it is written as is read as the same.
void check_listen_address(std::string_view text) {
  const auto address = http::parse_listen_address(text);
  if (!address) return;
  std::string written = to_string(*address);
  if (const auto* const tcp = std::get_if<http::TcpAddress>(&*address)) {
    require(!tcp->host.empty() && tcp->port >= 0 && tcp->port <= 65'535);
    require(written.starts_with("http://"));
    written.erase(0, std::string_view("http://").size());
  } else {
    require(written == text);
  }
  const auto again = http::parse_listen_address(written);
  require(again && to_string(*again) == to_string(*address));
}

void check_socket_mode(std::string_view text) {
  const auto mode = http::parse_socket_mode(text);
  if (mode) require(*mode <= 0777 && text.find_first_not_of("01234567") == std::string_view::npos);
}

void check_origin(std::string_view text) {
  const auto origin = http::parse_origin(text);
  if (origin) require(http::parse_origin(*origin) == origin);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check_assignments(text);
  check_shared(text);
  check_rate(text);
  check_listen_address(text);
  check_socket_mode(text);
  check_origin(text);
  return 0;
}

#include "http/cookies.h"

#include <algorithm>
#include <stdexcept>

#include "http/fields.h"

namespace aforro::http {
namespace {

bool may_stand_in_value(char c) {
  return c > ' ' && c <= '~' && c != '"' && c != ',' && c != ';' && c != '\\';
}

// In one header, "a=1; b=2".
std::optional<std::string_view> find_pair(std::string_view pairs, std::string_view name) {
  while (!pairs.empty()) {
    const std::size_t end = std::min(pairs.find(';'), pairs.size());
    const std::string_view pair = pairs.substr(0, end);
    pairs.remove_prefix(std::min(end + 1, pairs.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    if (trim_blanks(pair.substr(0, equals)) == name) return trim_blanks(pair.substr(equals + 1));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> find_cookie(const HeaderList& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (!same_word(key, "Cookie")) continue;
    if (const auto found = find_pair(value, name)) return found;
  }
  return std::nullopt;
}

void add_cookie(Response& response, const Cookie& cookie) {
  if (!is_token(cookie.name) || !std::all_of(cookie.value.begin(), cookie.value.end(), may_stand_in_value)) {
    throw std::invalid_argument("no cookie: " + cookie.name);
  }
  std::string text = cookie.name + "=" + cookie.value + "; Path=/; HttpOnly; SameSite=Lax";
  if (cookie.max_age) text += "; Max-Age=" + std::to_string(cookie.max_age->count());
  if (cookie.is_secure) text += "; Secure";
  response.headers.emplace_back("Set-Cookie", std::move(text));
}

}  // namespace aforro::http

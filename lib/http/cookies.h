// Cookies (RFC 6265). Pure functions, for any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace aforro::http {

// As the client sends it, which is whatever it likes: a secret that nobody can guess is what makes one worth
// anything. Of several of that name the first, as browsers send the one of the nearest path first. The name
// counts with its case.
std::optional<std::string_view> find_cookie(const HeaderList& headers, std::string_view name);

struct Cookie {
  // "__Host-session": browsers take a name that begins so only over HTTPS, for all paths, and from no other
  // host of the domain.
  std::string name;
  std::string value;
  // From now on; none: until the browser is closed; 0: it is deleted.
  std::optional<std::chrono::seconds> max_age = std::nullopt;
  bool is_secure = true;  // sent over HTTPS alone
};

// For all paths; kept from scripts (HttpOnly), and from requests that other sites cause, but for links that
// lead here (SameSite=Lax). Throws std::invalid_argument if the name is no token, or in the value stands what
// can't (RFC 6265, 4.1.1).
void add_cookie(Response& response, const Cookie& cookie);

}  // namespace aforro::http

// Where a page of a browser comes from, as the browser says it in `Origin`. A function without state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aforro::http {

// "https://shop.example.org", of a scheme (http or https) and a host, perhaps with a port and one slash
// behind it: in small letters, addresses and ports in their one form, and without the port that the scheme
// has by itself, as browsers write it (RFC 6454, 6.2). Nothing if the text is none.
std::optional<std::string> parse_origin(std::string_view text);

}  // namespace aforro::http

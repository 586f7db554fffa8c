// What all pages for people have in common: the way home, colours for light and dark, the version. Functions
// without state.
#pragma once

#include <string>
#include <string_view>

namespace aforro::api {

// A page as a whole. `content` is HTML.
std::string framed(std::string_view title, std::string_view content, std::string_view version);

// Text as it stands in HTML, in an attribute too.
std::string escaped(std::string_view text);

}  // namespace aforro::api

// What all pages for people have in common: the way home, colours for light and dark, the version. Functions
// without state.
#pragma once

#include <string>
#include <string_view>

namespace aforro::api {

// A page as a whole. `content` is HTML.
std::string framed(std::string_view title, std::string_view content, std::string_view version);

}  // namespace aforro::api

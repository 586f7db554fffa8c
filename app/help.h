// Help as it is shown. A function without state.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aforro::app {

// The text with lines that are longer than the terminal is wide broken between words; what follows stands
// under the description that it continues.
std::string wrapped_help(std::string_view text, std::size_t width);

}  // namespace aforro::app

// Text as HTML.
#pragma once

#include <string>
#include <string_view>

namespace aforro {

// The text as the content of an element or the value of an attribute between quotes.
std::string escaped(std::string_view text);

}  // namespace aforro

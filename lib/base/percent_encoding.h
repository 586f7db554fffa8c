// Text in URLs (RFC 3986, section 2.1). Pure functions, for any thread.
#pragma once

#include <string>
#include <string_view>

namespace aforro {

// All but letters, digits and "-._~" as %XX; and back, where a broken % stays as it is.
std::string percent_encode(std::string_view text);
std::string percent_decode(std::string_view text);

}  // namespace aforro

// Header fields as RFC 9110 (5) reads them: words without regard to case, values without the blanks around
// them, lists with commas that may stand on several lines.
#pragma once

#include <string_view>

#include "base/function_ref.h"
#include "http/message.h"

namespace aforro::http {

// True if both are the same but for the case of ASCII letters.
bool same_word(std::string_view a, std::string_view b);

// Without the spaces and tabs at both ends.
std::string_view trim_blanks(std::string_view text);

// A method, the name of a header, a coding: at least one character, none that separates.
bool is_token(std::string_view text);

// Calls `each` with what stands between the commas of every header of that name, in order, without blanks.
// Empty elements are passed over.
void for_each_element(const HeaderList& headers, std::string_view name,
                      FunctionRef<void(std::string_view)> each);

// True for a host's name, an IPv4 address or an IPv6 one in brackets, with or without a port: what may stand
// in `Host` and then in a link.
bool is_host(std::string_view text);

}  // namespace aforro::http

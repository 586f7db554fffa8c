// Text of others that is shown back in a message: cut to a bound, at a whole character, with the cut marked
// by "…". Bytes are counted as JSON writes them inside a string, where a quote takes two and a control
// character six, so that a bound on the parts of an answer is one on the answer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/function_ref.h"

namespace aforro {

inline constexpr std::string_view kCutMark = "…";

// What the byte takes inside a JSON string.
std::size_t json_bytes(char c);
std::size_t json_bytes(std::string_view text);

// The longest beginning of valid UTF-8 that takes at most `max_bytes` and does not end within a character;
// `bytes_of` says what a byte takes. Looks no further than that.
std::string_view fitting_beginning(std::string_view text, std::size_t max_bytes,
                                   FunctionRef<std::size_t(char)> bytes_of);

// The text, which must be valid UTF-8, in at most `max_bytes` as JSON writes them, with the mark if it was
// cut.
std::string shortened(std::string_view text, std::size_t max_bytes);

}  // namespace aforro

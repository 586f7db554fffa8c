// Unicode's normal forms (UAX #15) over code points, for base/text alone: as utf8proc has them, but in time
// that stays proportional to the text. utf8proc puts the marks of a letter in order by exchanging neighbours,
// which takes the square of their number: minutes for a text of 1 MiB. Pure functions.
#pragma once

#include <utf8proc.h>

#include <string>
#include <string_view>
#include <vector>

namespace aforro {

// `options` are those of utf8proc_decompose_char() (UTF8PROC_DECOMPOSE, _COMPAT, _CASEFOLD, …). The text must
// be valid UTF-8.
std::vector<utf8proc_int32_t> decomposed(std::string_view text, int options);

// What was decomposed with each letter and its marks as one again (the C of NFC and NFKC), in UTF-8.
std::string composed(std::vector<utf8proc_int32_t> points);

std::string in_utf8(const std::vector<utf8proc_int32_t>& points);

}  // namespace aforro

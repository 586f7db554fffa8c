// Text in the encodings that spreadsheets write, brought to UTF-8. Pure functions, for any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aforro {

enum class Encoding { utf8, utf16_le, utf16_be, windows_1252 };

// "UTF-8", as said to people.
std::string_view name_of(Encoding encoding);

// The encoding that a person names: utf-8, utf-16, utf-16le, utf-16be, windows-1252 (also cp1252, latin1,
// iso-8859-1, whose letters are among those of Windows-1252), in any case; nothing if it is none of these.
// Plain utf-16 without a byte order mark is little-endian.
std::optional<Encoding> parse_encoding(std::string_view name);

// The encoding by what the bytes begin with: a byte order mark, or for UTF-16 without one a letter of ASCII
// beside a NUL; else UTF-8. Throws Problem (invalid) for UTF-32.
Encoding guess_encoding(std::string_view bytes);

// The bytes as UTF-8. What is no text in UTF-16 (half a pair of surrogates, half a unit) becomes bytes that
// is_valid_utf8() refuses; UTF-8 stays as it is, valid or not. A byte order mark is kept.
std::string to_utf8(std::string bytes, Encoding encoding);

}  // namespace aforro

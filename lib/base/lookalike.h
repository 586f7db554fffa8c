// Codes that people tell apart by their eyes: characters in them that can't be seen, and codes that look
// alike without being the same. Pure functions, for any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aforro {

// The first character of valid UTF-8 that cannot be seen, "U+200B": of no width, directing others (soft
// hyphen, joiners, marks of direction, variation selectors, tags), a control character, or a blank other than
// the space, which looks like one. Nothing if all can be seen.
std::optional<std::string> invisible_character(std::string_view text);

// The text without these, with a space for each blank, and without bytes that are no UTF-8. Tabs and the ends
// of lines stay.
std::string without_invisible(std::string_view text);

// What looks the same has the same look: letters of Cyrillic, Greek, Armenian, Coptic, Cherokee, Lisu and
// others that look like Latin ones or like each other (カ of the kana and 力 of Han), zeros and rings, wide
// and ornamental forms, dashes, and O with 0 and I, l and | with 1. Capitals and small letters differ. The
// input must be valid UTF-8.
std::string look_of(std::string_view text);

// Whether it reads like a number that a spreadsheet has shortened: "1.23E+05".
bool is_shortened_number(std::string_view text);

// The first character of the text that is not ASCII, "U+0410"; nothing if all are.
std::optional<std::string> foreign_character(std::string_view text);

}  // namespace aforro

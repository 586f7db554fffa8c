// One word in the singular and the plural. Rules of English, which do no harm to other languages: a form that
// no product has finds nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aforro::search {

// The word first, then its other numbers: "shoes" is also "shoe", "battery" also "batteries". The word must
// be folded; one of fewer than three letters, or of others than a to z, is alone.
std::vector<std::string> number_forms(std::string_view word);

// Where a word may be taken apart: behind which bytes. Between a digit and what is none, and, in a word of
// letters alone, wherever both parts have three characters.
std::vector<std::size_t> places_to_split(std::string_view word);

}  // namespace aforro::search

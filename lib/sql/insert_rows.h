// One INSERT of several rows in place of several of one row each: most of a short statement is its beginning
// and end. Part of the drivers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aforro::sql {

// True for "INSERT INTO … VALUES (…)" with nothing behind, which may have more such rows.
bool takes_more_rows(std::string_view insert);

// The same INSERT with `rows` rows. The parameters of each row count on from those of the row before: `width`
// for each. Their numbers stand behind `sign`.
std::string with_rows(std::string_view insert, std::size_t rows, std::size_t width, char sign = '$');

}  // namespace aforro::sql

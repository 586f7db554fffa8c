// Cursors of lists as clients see them: opaque text that holds where the last page ended and which list it
// belongs to, so that a cursor of another list, store or filter is noticed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aforro::api {

// `list` names the list with all that narrows it ("orders/7/CONFIRMED"); the fields may hold anything.
std::string make_cursor(std::string_view list, const std::vector<std::string>& fields);

// The fields; nothing if the text is no cursor of this list with so many fields.
std::optional<std::vector<std::string>> read_cursor(std::string_view text, std::string_view list,
                                                    std::size_t fields);

}  // namespace aforro::api

// Files of settings, one `NAME=value` a line, as `.env` files and our own configuration are written: blank
// lines and
// `# comments`, spaces around the equals sign, an `export ` before it, values bare or in quotes. Values are
// taken as they stand: nothing is expanded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aforro {

inline constexpr std::size_t kMaxAssignments = 10'000;  // far more than there are settings

struct Assignment {
  std::string name;
  std::string value;
  std::int64_t line;  // from 1
};

// In order; a name may come twice. A bare value ends at white space followed by '#'. In double quotes a
// backslash keeps the quote or backslash that follows; in single quotes everything stands for itself.
//
// Throws Problem (invalid) that names the line which is no assignment, or whose quote is not closed on it, or
// that holds a NUL, or is one past kMaxAssignments.
std::vector<Assignment> parse_assignments(std::string_view text);

}  // namespace aforro

// Files of settings, one `NAME=value` a line, as `.env` files and our own configuration are written: blank
// lines and `# comments`, spaces around the equals sign, an `export ` before it, values bare or in quotes.
// No variables are expanded. Pure functions, for any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"

namespace aforro {

inline constexpr std::size_t kMaxAssignments = 10'000;  // far more than there are settings

struct Assignment {
  std::string name;
  std::string value;
  std::int64_t line;  // from 1
};

// Reads a file of our own, in which every line counts. In order; a name may come twice. A bare value ends at
// white space followed by '#'. In double quotes \n, \r, \t, \", \\ and \$ stand for what they do in a shell's
// or docker compose's files; in single quotes everything stands for itself, but for \' before more text.
//
// Throws Problem (invalid) that names the line which is no assignment, or whose quote is not closed on it, or
// that holds a NUL, or is one past kMaxAssignments.
std::vector<Assignment> parse_assignments(std::string_view text);

// Reads a file that other programs write too: only lines that begin with a wanted name count, and those may
// also be written `NAME: value`. Everything else is passed over whatever it is: sections, shell commands and
// their here-documents, names without a value, and values in quotes (", ', `) over several lines, which hide
// what stands within.
//
// Throws Problem (invalid) that names the line and the wanted name which has no value, a quote that is not
// closed on its line, text after its quote, or a NUL.
std::vector<Assignment> find_assignments(std::string_view text,
                                         FunctionRef<bool(std::string_view name)> is_wanted);

}  // namespace aforro

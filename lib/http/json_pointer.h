// JSON pointers (RFC 6901) as refusals show them: bounded, whatever the names in a body and however deep.
// What was cut has a "…": at the end of a long name, or in the place of the steps in the middle of a long
// pointer, whose last step is always there.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace aforro::http {

// The name as one step: "/" and "~" escaped, and a "/" before it. It must be valid UTF-8.
std::string pointer_step(std::string_view name);

std::string json_pointer(std::span<const std::string> steps);

}  // namespace aforro::http

// Forms as browsers send them: application/x-www-form-urlencoded (WHATWG URL, 5.1). A pure function, for any
// thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/parameters.h"

namespace aforro::http {

inline constexpr std::size_t kMaxFormFields = 1'000;

// The fields in order, decoded; those without a name and a value are passed over. That they are UTF-8 is for
// ParameterReader to say. Throws Problem (invalid) if there are more than kMaxFormFields.
ParameterList parse_form(std::string_view body);

}  // namespace aforro::http

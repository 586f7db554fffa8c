// The body of a request as JSON, read strictly: the right media type, valid UTF-8, at most 64 levels deep, no
// key twice in one object.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "http/message.h"

namespace aforro::http {

inline constexpr int kMaxJsonDepth = 64;

// Throws HttpError 415 without `Content-Type: application/json` or for a body that is packed, 400 for what is
// no JSON or too deep; Problem (invalid) pointing at each key that is given twice, or at a number that no
// machine holds ("1e999").
nlohmann::json parse_json_body(const Request& request);

// The text as one step of a JSON pointer (RFC 6901): "/" and "~" escaped, and a "/" before it. Long names are
// cut: a step is shown back. The text must be valid UTF-8.
std::string pointer_step(std::string_view name);

}  // namespace aforro::http

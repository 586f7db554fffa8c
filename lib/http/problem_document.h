// Refusals as HTTP says them: `application/problem+json` (RFC 9457). Functions without state.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/problem.h"
#include "http/message.h"

namespace aforro::http {

inline constexpr std::size_t kMaxRefusalBytes = 64 * 1024;

int status_of(Problem::Kind kind);

// "/problems/not-found", the stable name of a kind and the page that explains it.
std::string problem_path(Problem::Kind kind);

// Never longer than kMaxRefusalBytes, whatever was asked: texts that are too long are cut.
Response problem_response(const Problem& problem, std::string_view request_id);

}  // namespace aforro::http

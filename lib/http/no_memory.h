// The answer to a request for whose answer there is no memory: 503 as a problem document, put together in
// bytes of the caller's.
#pragma once

#include <span>
#include <string_view>

#include "http/message.h"

namespace aforro::http {

inline constexpr std::size_t kNoMemoryAnswerBytes = 1024;

// Head and body (but for HEAD) of the last answer on its connection, in the buffer of at least that many
// bytes. A request that might have changed something is told that it may have.
std::string_view no_memory_answer(const Request& request, std::span<char> buffer) noexcept;

// What such a request is told, as `detail`.
std::string_view no_memory_detail(std::string_view method) noexcept;

}  // namespace aforro::http

// What a route does with the body of a request, and what can be said of a body before its first byte. Values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/request_head.h"

namespace aforro::http {

inline constexpr std::size_t kMaxBodyBytes = 1024 * 1024;

struct BodyPolicy {
  // The type that it must have, "application/json"; "*/*" for any. Without one a route has no use for a body:
  // it is read past and kept nowhere.
  std::string_view media_type = {};
  std::uint64_t max_bytes = kMaxBodyBytes;
  bool is_spooled = false;  // kept in a file, and not in memory (spool.h)

  bool is_wanted() const { return !media_type.empty(); }
};

inline constexpr BodyPolicy kNoBody{};
inline constexpr BodyPolicy kJsonBody{.media_type = "application/json"};
inline constexpr BodyPolicy kFormBody{.media_type = "application/x-www-form-urlencoded", .max_bytes = 65'536};

// Throws Problem: body_too_large if more is announced than the policy takes, unsupported_type if it wants a
// body, and this one is of another type or packed.
void check_body(const BodyPolicy& policy, const Framing& framing, const HeaderList& headers);

// The refusal of a body that is too large.
[[noreturn]] void refuse_large_body(const BodyPolicy& policy);

}  // namespace aforro::http

// What all fuzzers share: a property that must hold, and input as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"

namespace aforro::fuzz {

// Ends the run, which keeps the input that broke the property.
inline void require(bool holds) {  // NOLINT: what it says of is the condition
  if (!holds) std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Cut at every `separator`: always one piece more than there are of them.
inline std::vector<std::string_view> pieces_of(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const std::size_t end = text.find(separator);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

// What a call returns; nothing if it throws a Problem, which must have something to say.
template <class F>
auto unless_refused(F&& call) -> std::optional<decltype(call())> {
  try {
    return call();
  } catch (const Problem& problem) {
    require(!problem.detail().empty());
    return std::nullopt;
  }
}

}  // namespace aforro::fuzz

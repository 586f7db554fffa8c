// Whole numbers read strictly from text: digits only, the whole of it, in range.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace aforro {

// A number of min..max written in decimal digits, with no sign but a leading '-', no '+', no spaces.
inline std::optional<std::int64_t> parse_whole_number(std::string_view text, std::int64_t min,
                                                      std::int64_t max) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < min || value > max) return std::nullopt;
  return value;
}

}  // namespace aforro

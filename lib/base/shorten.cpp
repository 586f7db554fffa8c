#include "base/shorten.h"

#include <cassert>
#include <numeric>

namespace aforro {
namespace {

bool is_within_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::size_t json_bytes(char c) {
  if (c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t') return 2;
  return static_cast<unsigned char>(c) < 0x20 ? 6 : 1;
}

std::size_t json_bytes(std::string_view text) {
  return std::accumulate(text.begin(), text.end(), std::size_t{0},
                         [](std::size_t sum, char c) { return sum + json_bytes(c); });
}

std::string_view fitting_beginning(std::string_view text, std::size_t max_bytes,
                                   FunctionRef<std::size_t(char)> bytes_of) {
  std::size_t end = 0;
  std::size_t bytes = 0;
  while (end < text.size() && bytes + bytes_of(text[end]) <= max_bytes) bytes += bytes_of(text[end++]);
  while (end > 0 && end < text.size() && is_within_character(text[end])) --end;
  return text.substr(0, end);
}

std::string shortened(std::string_view text, std::size_t max_bytes) {
  assert(max_bytes >= kCutMark.size());
  const auto bytes_of = [](char c) { return json_bytes(c); };
  if (const std::string_view whole = fitting_beginning(text, max_bytes, bytes_of); whole == text)
    return std::string(text);
  return std::string(fitting_beginning(text, max_bytes - kCutMark.size(), bytes_of)) += kCutMark;
}

}  // namespace aforro

// Canonical ordering (Unicode, 3.11) sorts each run of marks by their combining classes, and must be stable.
// utf8proc does it by exchanging neighbours, which is quick for the few marks of a real letter and takes the
// square of their number for a text of nothing but marks, which any client may send. A stable sort has no
// such case. Decomposing and composing code point by code point are left to utf8proc: they take time
// proportional to the text.
#include "base/unicode_forms.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>

#include "base/text.h"

namespace aforro {
namespace {

constexpr std::size_t kMaxPoints = 18;  // the most that one code point decomposes to: U+FDFA

utf8proc_propval_t combining_class(utf8proc_int32_t c) { return utf8proc_get_property(c)->combining_class; }

bool is_before(utf8proc_int32_t a, utf8proc_int32_t b) { return combining_class(a) < combining_class(b); }

// Sorts each run of marks by their class (the canonical order); marks of one class stay as they stand.
void put_marks_in_order(std::vector<utf8proc_int32_t>& points) {
  const auto is_mark = [](utf8proc_int32_t c) { return combining_class(c) != 0; };
  for (auto begin = points.begin(); begin != points.end();) {
    begin = std::find_if(begin, points.end(), is_mark);
    const auto end = std::find_if_not(begin, points.end(), is_mark);
    // Mostly they are in order, and std::stable_sort asks for memory.
    if (!std::is_sorted(begin, end, &is_before)) std::stable_sort(begin, end, &is_before);
    begin = end;
  }
}

}  // namespace

std::vector<utf8proc_int32_t> decomposed(std::string_view text, int options) {
  std::vector<utf8proc_int32_t> points;
  points.reserve(count_characters(text));
  std::array<utf8proc_int32_t, 2 * kMaxPoints> parts{};
  int boundary = UTF8PROC_BOUNDCLASS_START;
  while (!text.empty()) {
    utf8proc_int32_t c = -1;
    const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                        static_cast<utf8proc_ssize_t>(text.size()), &c);
    if (bytes <= 0) throw std::runtime_error("text is no UTF-8");
    text.remove_prefix(static_cast<std::size_t>(bytes));
    const auto count = utf8proc_decompose_char(c, parts.data(), parts.size(),
                                               static_cast<utf8proc_option_t>(options), &boundary);
    if (count < 0 || static_cast<std::size_t>(count) > parts.size())
      throw std::runtime_error("a character could not be decomposed");
    points.insert(points.end(), parts.begin(), parts.begin() + count);
  }
  put_marks_in_order(points);
  return points;
}

std::string composed(std::vector<utf8proc_int32_t> points) {
  const auto count =
      utf8proc_normalize_utf32(points.data(), static_cast<utf8proc_ssize_t>(points.size()),
                               static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (count < 0) throw std::runtime_error("text could not be composed");
  points.resize(static_cast<std::size_t>(count));
  return in_utf8(points);
}

std::string in_utf8(const std::vector<utf8proc_int32_t>& points) {
  std::string text;
  text.reserve(points.size());
  for (const utf8proc_int32_t c : points) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto size = utf8proc_encode_char(c, bytes.data());
    text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
  }
  return text;
}

}  // namespace aforro

// A cell of digits and marks is cut at its marks. The last mark is the decimal one if one or two digits
// follow it; all others must be of one other kind and stand before three digits each. What is left over as
// doubtful is a single point or comma before exactly three digits, "1.234": a thousand in one country and a
// fraction in the next. It is refused, as a guess would be wrong by a factor of a thousand.
#include "bulk/import_price.h"

#include <algorithm>
#include <array>
#include <vector>

namespace aforro::bulk {
namespace {

constexpr std::string_view kRange = "must be 0 to 9999999.99 with at most two decimals";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Written {
  std::vector<std::string> groups;  // the digits between the marks
  std::string marks;                // one less than groups: '.', ',', '\'', or ' ' for any blank
};

// Blanks and apostrophes of more than a byte that separate thousands.
constexpr std::array<std::pair<std::string_view, char>, 4> kWideMarks = {
    {{"\xC2\xA0", ' '}, {"\xE2\x80\xAF", ' '}, {"\xE2\x80\x89", ' '}, {"\xE2\x80\x99", '\''}}};

// Nothing if the text has anything but digits and single marks between them.
std::optional<Written> cut_at_marks(std::string_view text) {
  Written written{.groups = {""}, .marks = {}};
  while (!text.empty()) {
    if (is_digit(text.front())) {
      written.groups.back() += text.front();
      text.remove_prefix(1);
      continue;
    }
    char mark = std::string_view(".,' ").find(text.front()) == std::string_view::npos ? '\0' : text.front();
    std::size_t bytes = 1;
    for (const auto& [wide, as] : kWideMarks) {
      if (!text.starts_with(wide)) continue;
      mark = as;
      bytes = wide.size();
    }
    if (mark == '\0' || written.groups.back().empty()) return std::nullopt;
    written.marks += mark;
    written.groups.emplace_back();
    text.remove_prefix(bytes);
  }
  if (written.groups.back().empty()) return std::nullopt;
  return written;
}

// The whole number that groups of thousands make. Nothing if a group behind the first has not three digits,
// or if the first has more than three or begins with a zero.
std::optional<std::string> join(const std::vector<std::string>& groups) {
  if (groups.size() > 1 && (groups.front().size() > 3 || groups.front().front() == '0')) return std::nullopt;
  std::string digits = groups.front();
  for (std::size_t i = 1; i < groups.size(); ++i) {
    if (groups[i].size() != 3) return std::nullopt;
    digits += groups[i];
  }
  return digits;
}

ReadPrice refused(const std::string& because) {
  return {.price = {}, .fault = std::string(kRange) + (because.empty() ? "" : ", " + because)};
}

std::string why_not_cut(std::string_view text) {
  const auto has_any = [&](std::initializer_list<std::string_view> signs) {
    return std::any_of(signs.begin(), signs.end(),
                       [&](std::string_view sign) { return text.find(sign) != std::string_view::npos; });
  };
  if (has_any({"$", "€", "£", "¥", "₹", "₽", "₺", "₴", "₩", "zł", "kr", "EUR", "USD", "GBP", "CHF"})) {
    return "without a currency";
  }
  return {};
}

}  // namespace

ReadPrice read_price(std::string_view text, DecimalMark decimal_mark) {
  std::optional<Written> written = cut_at_marks(text);
  if (!written) return refused(why_not_cut(text));
  auto& [groups, marks] = *written;
  std::string decimals;
  const char last = marks.empty() ? '\0' : marks.back();
  if (last == '.' || last == ',') {
    const std::size_t digits = groups.back().size();
    if (marks.size() == 1 && digits == 3 && groups.front().size() <= 3 && groups.front().front() != '0') {
      return refused("and " + std::string(text) + " could be a thousand or a fraction: write " + groups[0] +
                     groups[1] + " or " + groups[0] + "." + groups[1].substr(0, 2));
    }
    if (digits <= 2 && last == ',' && decimal_mark == DecimalMark::point) {
      return refused(
          "written with a point: a decimal comma counts where columns are not separated by commas");
    }
    if (digits <= 2) {
      decimals = '.' + groups.back();
      groups.pop_back();
      marks.pop_back();
      if (marks.find(last) != std::string::npos) return refused("");
    }
  }
  const bool is_one_kind = marks.find_first_not_of(marks.empty() ? '\0' : marks.front()) == std::string::npos;
  const auto whole = is_one_kind ? join(groups) : std::nullopt;
  if (!whole) return refused("");
  const auto price = Money::parse_price(*whole + decimals);
  if (!price) return refused("");
  return {.price = price, .fault = {}};
}

}  // namespace aforro::bulk

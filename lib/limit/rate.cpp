#include <array>

#include "base/numbers.h"
#include "limit/limiter.h"

namespace aforro::limit {
namespace {

struct Unit {
  std::string_view name;
  std::chrono::seconds length;
};

constexpr std::array kUnits{
    Unit{"s", std::chrono::seconds{1}},      Unit{"sec", std::chrono::seconds{1}},
    Unit{"second", std::chrono::seconds{1}}, Unit{"m", std::chrono::minutes{1}},
    Unit{"min", std::chrono::minutes{1}},    Unit{"minute", std::chrono::minutes{1}},
    Unit{"h", std::chrono::hours{1}},        Unit{"hour", std::chrono::hours{1}},
};

}  // namespace

std::optional<Rate> parse_rate(std::string_view text) {
  constexpr std::int64_t kMostTokens = 1'000'000;
  constexpr std::int64_t kLongest = 24 * 60 * 60;
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto burst = parse_whole_number(text.substr(0, slash), 1, kMostTokens);
  std::string_view window = text.substr(slash + 1);
  const std::size_t digits = window.find_first_not_of("0123456789");
  if (!burst || digits == std::string_view::npos) return std::nullopt;
  const auto count = digits == 0 ? std::optional<std::int64_t>(1)
                                 : parse_whole_number(window.substr(0, digits), 1, kLongest);
  window.remove_prefix(digits);
  for (const Unit& unit : kUnits) {
    if (unit.name != window || !count || *count * unit.length.count() > kLongest) continue;
    return Rate{.burst = *burst, .window = *count * unit.length};
  }
  return std::nullopt;
}

}  // namespace aforro::limit

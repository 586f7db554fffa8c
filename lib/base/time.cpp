// Days to dates and back: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", by the standard
// library's own form of it (std::chrono::year_month_day).
#include "base/time.h"

#include <algorithm>
#include <array>

#include "base/numbers.h"

namespace aforro {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

using MicrosSince1970 = std::chrono::sys_time<microseconds>;

constexpr microseconds kFirst =
    sys_days(year_month_day(std::chrono::year(0), std::chrono::January, std::chrono::day(1)))
        .time_since_epoch();
constexpr microseconds kEnd =
    sys_days(year_month_day(std::chrono::year(10'000), std::chrono::January, std::chrono::day(1)))
        .time_since_epoch();

void put_digits(std::string& text, std::size_t at, std::size_t count, std::int64_t number) {
  for (std::size_t i = count; i-- > 0; number /= 10) text[at + i] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string Time::to_string() const {
  const microseconds since_epoch = std::clamp(microseconds(micros_), kFirst, kEnd - microseconds(1));
  const sys_days day = std::chrono::floor<days>(MicrosSince1970(since_epoch));
  const year_month_day date(day);
  const std::int64_t of_day = (since_epoch - day.time_since_epoch()) / microseconds(1);
  std::string text = "0000-00-00T00:00:00.000000Z";
  put_digits(text, 0, 4, static_cast<int>(date.year()));
  put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 11, 2, of_day / 3'600'000'000);
  put_digits(text, 14, 2, of_day / 60'000'000 % 60);
  put_digits(text, 17, 2, of_day / 1'000'000 % 60);
  put_digits(text, 20, 6, of_day % 1'000'000);
  return text;
}

std::optional<Time> Time::parse(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() < kShape.size() + 1 || text.back() != 'Z') return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !is_digit : text[i] != kShape[i]) return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t count) {
    return *parse_whole_number(text.substr(at, count), 0, 9999);
  };
  std::int64_t fraction = 0;
  std::string_view decimals = text.substr(kShape.size(), text.size() - kShape.size() - 1);
  if (!decimals.empty()) {
    if (decimals.front() != '.' || decimals.size() < 2 || decimals.size() > 7) return std::nullopt;
    decimals.remove_prefix(1);
    const auto given = parse_whole_number(decimals, 0, 999'999);
    if (!given || decimals.front() == '-') return std::nullopt;
    fraction = *given;
    for (std::size_t i = decimals.size(); i < 6; ++i) fraction *= 10;
  }
  const year_month_day date(std::chrono::year(static_cast<int>(number(0, 4))),
                            std::chrono::month(static_cast<unsigned>(number(5, 2))),
                            std::chrono::day(static_cast<unsigned>(number(8, 2))));
  if (!date.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) return std::nullopt;
  const auto moment = sys_days(date) + std::chrono::hours(number(11, 2)) +
                      std::chrono::minutes(number(14, 2)) + std::chrono::seconds(number(17, 2)) +
                      microseconds(fraction);
  return Time(moment.time_since_epoch().count());
}

Time SystemClock::now() const {
  return Time::from_micros(
      std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

std::chrono::steady_clock::time_point SystemClock::steady() const { return std::chrono::steady_clock::now(); }

}  // namespace aforro

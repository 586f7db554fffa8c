// The cells of the former service as values of the shop: whatever a database, a dump or Python made of them.
// Pure functions; the texts may be any bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "sql/value.h"

namespace aforro::django {

// A key that can be compared: a number where it is one as numbers are written, else a text, as UUIDs are.
sql::Value key_of(std::string_view text);
// As it stood there.
std::string shown_key(const sql::Value& key);

// Ids above are numbered anew, so that the database can go on giving ids behind those that are kept.
inline constexpr std::int64_t kMaxKeptId = std::int64_t{1} << 62;

// "2026-11-23T20:44:22.699Z", "2026-11-23 20:44:22.699193+00:00", "… +02", "2026-11-23"; without a zone it is
// UTC.
std::optional<Time> parse_time(std::string_view text);

// "true", "t", "True", "1", and their opposites.
std::optional<bool> parse_flag(std::string_view text);

// "3", "3.00"; nothing for what is no whole number of 64 bits.
std::optional<std::int64_t> parse_quantity(std::string_view text);

// An amount of money, rounded to cents, the half away from zero.
struct Amount {
  std::int64_t minor = 0;  // within ±10^15
  bool is_whole = true;    // cents: nothing was rounded away
};
// "12.5", "-3", "19.989999999999998", "1e-07"; nothing for what is no number, or a larger one.
std::optional<Amount> parse_amount(std::string_view text);

// A text as the shop keeps it: valid UTF-8 in NFC, without control characters but tab and line break, no
// longer than so many characters; a line has no white space at its ends.
struct CleanText {
  std::string text;
  bool is_changed = false;  // beyond line ends of Windows and white space at the ends
  bool is_cut = false;
};
enum class Lines { one, many };
CleanText clean_text(std::string_view text, std::size_t max_characters, Lines lines);

// No more than so many characters of a text in NFC, from its beginning.
std::string_view first_characters(std::string_view text, std::size_t count);

}  // namespace aforro::django

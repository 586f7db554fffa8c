#include "sql/postgres_values.h"

#include <cassert>
#include <charconv>
#include <system_error>
#include <variant>

namespace aforro::sql {
namespace {

// pg_type.dat
[[maybe_unused]] constexpr Oid kInt4 = 23;
[[maybe_unused]] constexpr Oid kNumeric = 1700;
[[maybe_unused]] constexpr Oid kText = 25;

}  // namespace

std::int64_t PostgresRow::integer(int column) const {
  [[maybe_unused]] const Oid type = PQftype(result_, column);
  assert((type == kInt8 || type == kInt4 || type == kNumeric) && "a column that holds no number");
  const std::string_view digits = value(column);
  std::int64_t number = 0;
  [[maybe_unused]] const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  assert(read.ec == std::errc() && read.ptr == digits.data() + digits.size());
  return number;
}

std::string_view PostgresRow::text(int column) const {
  assert(PQftype(result_, column) == kText && !is_null(column) && "a column that holds no text");
  return value(column);
}

std::string_view PostgresRow::value(int column) const {
  return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::vector<bool> placeholders(std::string_view text) {
  std::vector<bool> uses;
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    std::size_t n = 0;
    std::from_chars(text.data() + at + 1, text.data() + text.size(), n);
    if (n == 0) continue;
    if (uses.size() < n) uses.resize(n);
    uses[n - 1] = true;
  }
  return uses;
}

PostgresParams::PostgresParams(const std::vector<bool>& uses, std::span<const Param> params) {
  assert(uses.size() <= params.size() && "a statement uses more parameters than it is given");
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (uses[i]) set(i, params[i]);
  }
}

void PostgresParams::set(std::size_t i, const Param& param) {
  if (const auto* number = std::get_if<std::int64_t>(&param.value())) {
    std::array<char, 24>& digits = digits_[i];
    *std::to_chars(digits.data(), digits.data() + digits.size(), *number).ptr = '\0';
    values_[i] = digits.data();
  } else if (const auto* text = std::get_if<std::string_view>(&param.value())) {
    values_[i] = text->data() == nullptr ? "" : text->data();
    lengths_[i] = static_cast<int>(text->size());
    formats_[i] = 1;
  }
}

}  // namespace aforro::sql

// What goes into a statement and comes out of it, in libpq's terms: parameters, and rows. Part of the driver.
#pragma once

#include <libpq-fe.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sql/connection.h"

namespace aforro::sql {

inline constexpr std::size_t kMaxParams = 128;  // of one statement
inline constexpr Oid kInt8 = 20;                // pg_type.dat

// A row of a result, valid as long as that.
class PostgresRow final : public Row {
 public:
  PostgresRow(const PGresult* result, int row) : result_(result), row_(row) {}

  bool is_null(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
  std::int64_t integer(int column) const override;
  std::string_view text(int column) const override;

 private:
  std::string_view value(int column) const;

  const PGresult* result_;
  int row_;
};

// Which $n a text uses, by n - 1.
std::vector<bool> placeholders(std::string_view text);

// The parameters of one statement, of which texts are not copied. The server infers each type from where it
// is used. Numbers go as digits, which suit any numeric type; texts as bytes, which need no end mark.
class PostgresParams {
 public:
  PostgresParams(const std::vector<bool>& uses, std::span<const Param> params);

  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void set(std::size_t i, const Param& param);

  std::array<const char*, kMaxParams> values_{};
  std::array<int, kMaxParams> lengths_{};
  std::array<int, kMaxParams> formats_{};
  std::array<std::array<char, 24>, kMaxParams> digits_;
};

}  // namespace aforro::sql

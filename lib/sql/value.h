// A value of a row that outlives the row: nothing, a whole number or a text.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sql/connection.h"

namespace aforro::sql {

using Value = std::variant<std::monostate, std::int64_t, std::string>;

// Refers to the value, which must live as long.
inline Param param_of(const Value& value) {
  if (const auto* const number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* const text = std::get_if<std::string>(&value)) return *text;
  return nullptr;
}

// `type` is 'i' for a whole number, 't' for a text.
inline Value value_of(const Row& row, int column, char type) {
  if (row.is_null(column)) return {};
  if (type == 'i') return row.integer(column);
  return std::string(row.text(column));
}

// Refer to the values, which must live as long.
inline ParamRows params_of(const std::vector<std::vector<Value>>& rows) {
  ParamRows params;
  std::vector<Param> values;
  for (const std::vector<Value>& row : rows) {
    values.clear();
    values.reserve(row.size());
    for (const Value& value : row) values.push_back(param_of(value));
    params.add(values);
  }
  return params;
}

}  // namespace aforro::sql

#include "bench/table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace aforro::bench {

void Table::add(std::vector<std::string> row) {
  row.resize(rows_.front().size());
  rows_.push_back(std::move(row));
}

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string padding(widths[i] - rows_[r][i].size(), ' ');
      line += i == 0 ? rows_[r][i] + padding : "  " + padding + rows_[r][i];
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    if (r == 0) text += std::string(line.size(), '-') + '\n';
  }
  return text;
}

std::string shown(double number) {
  char digits[64];
  const int decimals = number >= 100 ? 0 : number >= 10 ? 1 : 2;
  std::snprintf(digits, sizeof digits, "%.*f", decimals, number);
  std::string text = digits;
  const std::size_t point = std::min(text.find('.'), text.size());
  for (std::size_t at = point; at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

}  // namespace aforro::bench

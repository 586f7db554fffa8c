// A table for people: columns as wide as needed, the first to the left, numbers to the right.
#pragma once

#include <string>
#include <vector>

namespace aforro::bench {

class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
  // As many cells as the header has.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// "12,345", "67.8", "0.91": three digits that count, or all before the point.
std::string shown(double number);

}  // namespace aforro::bench

// A table for people: columns as wide as needed, the first to the left, numbers to the right.
#pragma once

#include <string>
#include <vector>

namespace aforro::bench {

class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
  // Cells that are missing at the end stay empty.
  void add(std::vector<std::string> row);
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// "12,345", "67.8", "0.91": three digits that count, or all before the point.
std::string shown(double number);

}  // namespace aforro::bench

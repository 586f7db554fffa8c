// What a Django service has kept, as a test says it: tables by name, rows as lists of cells.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "django/source.h"

namespace aforro::test {

struct MemoryTable {
  std::string name;
  std::vector<django::SourceColumn> columns;  // the first is the key
  std::vector<std::vector<std::optional<std::string>>> rows = {};
};

class MemorySource final : public django::Source {
 public:
  explicit MemorySource(std::vector<MemoryTable> tables) : tables_(std::move(tables)) {}

  std::vector<django::SourceTable> tables() override {
    std::vector<django::SourceTable> tables;
    for (const MemoryTable& table : tables_) {
      tables.push_back({.name = table.name, .key = table.columns.front().name, .columns = table.columns});
    }
    return tables;
  }

  void read(const std::string& name, std::span<const std::string> columns,
            FunctionRef<void(std::span<const django::Cell>)> visit) override {
    const auto table = std::find_if(tables_.begin(), tables_.end(),
                                    [&](const MemoryTable& each) { return each.name == name; });
    for (const auto& row : table->rows) {
      std::vector<django::Cell> cells;
      for (const std::string& column : columns) {
        const auto place =
            std::find_if(table->columns.begin(), table->columns.end(),
                         [&](const django::SourceColumn& each) { return each.name == column; });
        const auto index = static_cast<std::size_t>(place - table->columns.begin());
        const bool is_there = index < row.size() && row[index];
        cells.push_back(is_there ? django::Cell(*row[index]) : std::nullopt);
      }
      visit(cells);
    }
  }

 private:
  std::vector<MemoryTable> tables_;
};

}  // namespace aforro::test

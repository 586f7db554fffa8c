// What the former service has kept, whatever it kept it in: tables by name, and their rows as text.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"

namespace aforro::django {

struct SourceColumn {
  std::string name;
  std::string refers_to = {};  // the table that it is a foreign key to; empty: none, or not known
  bool is_list = false;        // of a dump: some rows have a list there, of which nothing is read
};

struct SourceTable {
  std::string name;
  std::string key = {};  // the column that is the primary key by itself; empty: there is none
  std::vector<SourceColumn> columns = {};
};

// As the service's database or its dump writes it; nothing for NULL. Valid while the visitor runs.
using Cell = std::optional<std::string_view>;

// One snapshot of it. One thread at a time.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  virtual std::vector<SourceTable> tables() = 0;

  // Visits all rows of a table, in whatever order, with the cells of these columns, which it must have; of an
  // empty name the cell is NULL.
  virtual void read(const std::string& table, std::span<const std::string> columns,
                    FunctionRef<void(std::span<const Cell>)> visit) = 0;
};

}  // namespace aforro::django

// Rows for people and for pipes: columns side by side under their names on a terminal, tab-separated lines
// with the names first elsewhere. Text is shown on one line each, whatever it holds.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/word_spans.h"

namespace aforro::app {

struct Column {
  enum class Align { left, right };

  std::string_view name;
  Align align = Align::left;
  bool gives_way = false;  // is cut where the terminal is too narrow for all
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void add(std::vector<std::string> cells);
  // Bytes of a cell of the last row that stand in bold if the table is styled: ascending, apart from each
  // other. Text is counted as a terminal may be shown it (for_terminal() in base/text.h).
  void emphasize(std::size_t column, std::vector<Span> spans);
  bool empty() const { return rows_.empty(); }

  // Ends with a line break. `width`: the columns that the terminal has; where rows are longer, the columns
  // that give way are cut with an ellipsis, the widest first. With names in bold if it is styled.
  std::string for_terminal(std::size_t width, bool is_styled) const;
  std::string for_pipe() const;

 private:
  void narrow(std::vector<std::size_t>& widths, std::size_t excess) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<Span>> emphasized_;  // by row and column
};

}  // namespace aforro::app

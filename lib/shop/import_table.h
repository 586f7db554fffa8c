// What imports of all kinds share: a CSV file whose first row names its columns, read by field, and the rows
// of it that cannot be taken. Values and readers for one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.h"

namespace aforro::shop {

// Where a file names a field otherwise: the column by the field.
using ColumnNames = std::map<std::string, std::string, std::less<>>;

struct BadRow {
  std::int64_t line;   // where the row begins
  std::string reason;  // "the price must be …", shown to whoever imports
};

// All bad rows counted, the first of them kept, in the order of the file.
class BadRows {
 public:
  static constexpr std::size_t kKept = 20;

  void add(std::int64_t line, std::string reason);
  std::int64_t count() const { return count_; }
  const std::vector<BadRow>& first() const { return first_; }

 private:
  std::int64_t count_ = 0;
  std::vector<BadRow> first_;
};

class ImportTable {
 public:
  // Finds the columns: by `names` where given there, else by the field's own name; white space around it,
  // case and accents make no difference. All other columns are passed over. `csv` must outlive the table.
  //
  // Throws Problem (invalid) if there is no sound first row, or a column is missing that `names` asks for, or
  // one that is to be read is there twice.
  ImportTable(std::string_view csv, std::span<const std::string_view> fields, const ColumnNames& names);

  bool has(std::string_view field) const { return columns_.contains(field); }

  // Throws Problem (invalid), listing what columns there are, if the file has none of the fields.
  void require_any(std::initializer_list<std::string_view> fields) const;

  // If only one of the two was named by `names`, the other is not read.
  void prefer_named(std::string_view one, std::string_view other);

  // Goes to the next row; false at the end. Throws Problem (invalid) for a quote that is not closed.
  bool next();
  std::int64_t line() const { return record_.line; }
  // Why the row as a whole cannot be read.
  std::optional<std::string> fault() const;
  // Without white space around it; empty if the file has no such column. The row must have no fault().
  std::string_view cell(std::string_view field) const;

 private:
  void find_columns(std::span<const std::string_view> fields, const ColumnNames& names);
  std::optional<std::size_t> find_column(std::string_view name) const;

  CsvReader reader_;
  std::vector<std::string> header_;  // trimmed
  CsvRecord record_;
  std::map<std::string, std::size_t, std::less<>> columns_;  // by field
  ColumnNames names_;
};

// The reasons why one row is bad, in one sentence.
class RowFaults {
 public:
  void add(std::string_view reason);
  // A text's fault, if it has one: "the title must not be empty".
  void add_if(std::string_view field, const std::optional<std::string>& text_fault);
  bool none() const { return reasons_.empty(); }
  std::string take() { return std::move(reasons_); }

 private:
  std::string reasons_;
};

// Text of a file as a message may show it: in quotes, short, without control characters. Must be valid UTF-8.
std::string shown(std::string_view text);

}  // namespace aforro::shop

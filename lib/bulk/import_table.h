// What imports of all kinds share: a CSV file whose first row names its columns, read by field, what was
// found out about it by looking, and the rows of it that cannot be taken. Values and readers for one thread
// at a time.
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

namespace aforro::bulk {

// Where a file names a field otherwise: the column by the field.
using ColumnNames = std::map<std::string, std::string, std::less<>>;

// What may help where bytes are not valid UTF-8.
inline constexpr std::string_view kEncodingHint =
    "; --encoding windows-1252 reads what spreadsheets on Windows save";

struct BadRow {
  std::int64_t line;   // where the row begins
  std::string reason;  // "the price must be …"
};

// Counts bad rows, and keeps the first ones in the order of the file. They may be added in any order.
class BadRows {
 public:
  static constexpr std::size_t kKept = 20;

  void add(std::int64_t line, std::string reason);
  // Adds to the reason of that row, if it is kept.
  void explain(std::int64_t line, std::string_view more);
  std::int64_t count() const { return count_; }
  const std::vector<BadRow>& first() const { return first_; }

 private:
  std::int64_t count_ = 0;
  std::vector<BadRow> first_;
};

// What was found out about a file, to be told before anything is changed.
struct ImportShape {
  struct Read {
    std::string field;
    std::string column;  // as the file has it
  };
  struct PassedOver {
    std::string column;
    std::optional<std::string> meant;  // a field that is not read and may have been meant
  };

  char separator = ',';
  std::vector<Read> read;               // in the order of the file
  std::vector<PassedOver> passed_over;  // those without a name left out
};

// Fields of which one is enough.
using AnyOf = std::vector<std::string_view>;

class ImportTable {
 public:
  // Finds the separator: as given, else by a line `sep=;`, else the one that shows most of the fields in the
  // first row. Finds the columns: by `names` where given there, else by the field's own name; case, accents,
  // white space around it, and which of blank, '_' and '-' is within it make no difference. All other columns
  // are passed over, as are rows of nothing but separators and white space. `csv` must outlive the table.
  //
  // Throws Problem (invalid) if there is no sound first row, or columns are missing that `names` asks for, or
  // one that is to be read is there twice.
  ImportTable(std::string_view csv, std::span<const std::string_view> fields, const ColumnNames& names,
              std::optional<char> separator = std::nullopt);

  bool has(std::string_view field) const { return columns_.contains(field); }
  bool has_any(const AnyOf& fields) const;

  // The names of those of which the file has no field: "price or price_minor".
  std::vector<std::string> missing(std::span<const AnyOf> wanted) const;

  // Throws Problem (invalid), naming all that is missing, what columns there are, and which of them may be
  // meant; `remark` stands behind what is missing.
  void require(std::span<const AnyOf> wanted, std::string_view remark = {}) const;

  // Whether a column that is not read may be meant for one of the fields, under another name.
  bool has_meant(const AnyOf& fields) const;

  // Whether a column that is not read has nearly the name of one of the fields: a slip, most likely.
  bool has_misspelt(const AnyOf& fields) const;

  // The field is not read, as if there were no column for it.
  void ignore(std::string_view field);

  // If only one of the two was named by `names`, the other is not read.
  void prefer_named(std::string_view one, std::string_view other);

  ImportShape shape() const;

  // Goes to the next row that is not blank; false at the end. Throws Problem (invalid) for a quote that is
  // not closed.
  bool next();
  std::int64_t line() const { return record_.line; }
  // Why the row as a whole cannot be read.
  std::optional<std::string> fault() const;
  // Without white space around it; empty if the file has no such column. The row must have no fault().
  std::string_view cell(std::string_view field) const;

 private:
  void read_header(std::string_view csv, std::optional<char> separator);
  void find_columns();
  std::optional<std::size_t> find_column(std::string_view name) const;
  bool is_read(std::size_t column) const;
  std::optional<std::size_t> column_misspelt(std::string_view field) const;
  std::optional<std::size_t> column_meant(std::string_view field) const;

  std::vector<std::string_view> fields_;
  ColumnNames names_;
  char separator_ = ',';
  CsvReader reader_;
  std::vector<std::string> header_;  // trimmed
  CsvRecord record_;
  std::map<std::string, std::size_t, std::less<>> columns_;  // by field
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

// Why a cell can be no SKU, or nothing.
std::optional<std::string> sku_fault(std::string_view cell);

// Text of a file as a message may show it: in quotes, short, without control characters. Must be valid UTF-8.
std::string shown(std::string_view text);

}  // namespace aforro::bulk

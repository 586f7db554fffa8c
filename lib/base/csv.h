// Tables as comma-separated values (RFC 4180) in UTF-8: a reader that takes what programs write (a byte order
// mark or none; CRLF, LF or CR; line breaks and doubled quotes inside quotes; other separators than commas)
// and a writer whose output it reads back the same. Whatever the bytes are, it reports and never fails
// otherwise; not for use by several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aforro {

inline constexpr std::size_t kMaxCsvRecordBytes = 1 << 20;
inline constexpr std::size_t kMaxCsvFields = 1'000;

// The separators that files are looked at for, the likeliest first, and those that can be asked for.
inline constexpr std::string_view kCsvSeparators = ",;\t|";
constexpr bool is_csv_separator(char c) {
  return std::string_view(",;\t|:^~").find(c) != std::string_view::npos;
}

struct SeparatorLine {
  char separator;
  std::size_t bytes;   // all up to its end, its line break among them
  std::int64_t lines;  // in these bytes
};

// The first line that is not blank, if it is no record but says what separates fields, as for Excel: `sep=;`.
std::optional<SeparatorLine> read_separator_line(std::string_view text);

struct CsvRecord {
  std::int64_t line = 0;  // where it begins, from 1, as an editor counts
  std::vector<std::string> fields;
  std::optional<std::string> fault;  // why the fields are not to be used
};

class CsvReader {
 public:
  // `text` must outlive the reader; its first line is counted as `first_line`. Throws Problem (invalid) if it
  // is UTF-16.
  explicit CsvReader(std::string_view text, char separator = ',', std::int64_t first_line = 1);

  // Reads the next record; false at the end. Empty lines are passed over. A record with a fault ends with its
  // line.
  //
  // Throws Problem (invalid) for a quote that is not closed within kMaxCsvRecordBytes: nobody can say where
  // the next record begins.
  bool next(CsvRecord& record);

 private:
  enum class After { field, record };

  After read_field(CsvRecord& record);
  After read_quoted(CsvRecord& record);
  After end_field(CsvRecord& record, std::string field);
  After give_up(CsvRecord& record, std::string_view fault);
  bool pass_line_break();

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  std::size_t record_begin_ = 0;
  std::int64_t line_;
};

// Appends one record, ended by CRLF. There must be at least one field.
void append_csv_record(std::string& to, std::span<const std::string> fields);

}  // namespace aforro

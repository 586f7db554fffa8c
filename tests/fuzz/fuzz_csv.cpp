// Any bytes are read to their end or refused by a Problem; what was read without fault, the writer writes so
// that it is read back the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.h"
#include "base/encoding.h"
#include "base/problem.h"
#include "base/text.h"
#include "fuzz.h"

namespace {

using aforro::fuzz::require;

// Records without fault, until the end or the first refusal.
std::vector<std::vector<std::string>> read_sound(std::string_view text, char separator = ',') {
  std::vector<std::vector<std::string>> records;
  try {
    aforro::CsvReader reader(text, separator);
    aforro::CsvRecord record;
    std::int64_t line = 0;
    while (reader.next(record)) {
      require(record.line > line);
      line = record.line;
      require(record.fields.size() <= aforro::kMaxCsvFields);
      if (!record.fault) records.push_back(record.fields);
    }
  } catch (const aforro::Problem&) {
  }
  return records;
}

// Cuts any bytes into fields: a table that no reader has made.
std::vector<std::vector<std::string>> table_of(std::string_view bytes) {
  std::vector<std::vector<std::string>> table(1, std::vector<std::string>(1));
  for (const char c : bytes) {
    if (c == '\x01') {
      table.back().emplace_back();
    } else if (c == '\x02') {
      table.emplace_back(1);
    } else {
      // What is no text is not written by anybody: only ASCII, the quote, the separators and line breaks
      // among it.
      table.back().back() += static_cast<unsigned char>(c) < 0x80 && c != '\0' ? c : '"';
    }
  }
  return table;
}

std::string write(const std::vector<std::vector<std::string>>& table) {
  std::string text;
  for (const std::vector<std::string>& fields : table) aforro::append_csv_record(text, fields);
  return text;
}

// Whatever is not UTF-8 becomes at most three bytes for each of its own, and what Windows writes is all text.
void check_encodings(std::string_view bytes) {
  using aforro::Encoding;
  for (const Encoding encoding :
       {Encoding::utf8, Encoding::utf16_le, Encoding::utf16_be, Encoding::windows_1252}) {
    const std::string text = aforro::to_utf8(std::string(bytes), encoding);
    require(text.size() <= 3 * bytes.size());
    if (encoding == Encoding::windows_1252) require(aforro::is_valid_utf8(text));
    if (encoding == Encoding::utf8) require(text == bytes);
  }
  aforro::fuzz::unless_refused([&] { return aforro::guess_encoding(bytes); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = aforro::fuzz::text_of(data, size);

  const auto records = read_sound(bytes);
  require(read_sound(write(records)) == records);
  for (const char separator : aforro::kCsvSeparators) read_sound(bytes, separator);
  if (const auto line = aforro::read_separator_line(bytes)) {
    require(aforro::is_csv_separator(line->separator) && line->bytes <= size);
    require(line->lines >= 1 && static_cast<std::size_t>(line->lines) <= line->bytes);
  }
  check_encodings(bytes);

  if (size <= 512) {  // within the reader's bounds whatever the cut
    const auto table = table_of(bytes);
    require(read_sound(write(table)) == table);
  }
  return 0;
}

// Any bytes are read to their end or refused by a Problem; what was read without fault, the writer writes so
// that it is read back the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.h"
#include "base/problem.h"
#include "fuzz.h"

namespace {

using aforro::fuzz::require;

// Records without fault, until the end or the first refusal.
std::vector<std::vector<std::string>> read_sound(std::string_view text) {
  std::vector<std::vector<std::string>> records;
  try {
    aforro::CsvReader reader(text);
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = aforro::fuzz::text_of(data, size);

  const auto records = read_sound(bytes);
  require(read_sound(write(records)) == records);

  if (size <= 512) {  // within the reader's bounds whatever the cut
    const auto table = table_of(bytes);
    require(read_sound(write(table)) == table);
  }
  return 0;
}

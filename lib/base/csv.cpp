// RFC 4180 says how CSV should be written; this reads how it is. One rule keeps a bad file from being half
// understood: after a fault in a record the reader goes on at the next line, where a record has the best
// chance to begin. Only a quote that is never closed has no such place, as everything behind it could be
// inside; that ends the reading, at 1 MiB at the latest, so that one stray quote does not take up the whole
// file as a field.
//
// Lines are counted as an editor counts them, line breaks inside quotes too, since the line is what a person
// looks for.
#include "base/csv.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/problem.h"
#include "base/text.h"

namespace aforro {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool ends_unquoted(char c, char separator) { return c == separator || c == '"' || c == '\r' || c == '\n'; }

// CRLF is one line break.
std::int64_t count_line_breaks(std::string_view text) {
  std::int64_t breaks = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_lone_return = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (text[i] == '\n' || is_lone_return) ++breaks;
  }
  return breaks;
}

std::optional<std::string> bytes_fault(std::string_view bytes) {
  if (bytes.find('\0') != std::string_view::npos) return "has a NUL character";
  if (!is_valid_utf8(bytes)) return "is not valid UTF-8";
  return std::nullopt;
}

bool needs_quotes(std::string_view field) {
  // A mark at the beginning of a file would be taken for the file's own.
  return std::any_of(field.begin(), field.end(), [](char c) { return ends_unquoted(c, ','); }) ||
         field.starts_with(kByteOrderMark);
}

}  // namespace

std::optional<SeparatorLine> read_separator_line(std::string_view text) {
  const std::size_t mark = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const std::size_t first = text.find_first_not_of(" \t\r\n", mark);
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t end = std::min(text.find_first_of("\r\n", first), text.size());
  std::string_view line = text.substr(first, end - first);
  const bool is_quoted = line.starts_with('"');
  if (is_quoted) line.remove_prefix(1);
  static constexpr std::string_view kSign = "sep=";
  if (line.size() <= kSign.size()) return std::nullopt;
  for (std::size_t i = 0; i < kSign.size(); ++i) {
    const char c = line[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kSign[i]) return std::nullopt;
  }
  const char separator = line[kSign.size()];
  if (!is_csv_separator(separator)) return std::nullopt;
  line.remove_prefix(kSign.size() + 1);
  if (is_quoted && !line.starts_with('"')) return std::nullopt;
  if (is_quoted) line.remove_prefix(1);
  // Saved again by a spreadsheet, it is as long as the other rows.
  const std::size_t other = line.find_first_not_of(std::string(" \t") + separator);
  if (other != std::string_view::npos) return std::nullopt;
  const std::size_t bytes = std::min(end + (text.substr(end).starts_with("\r\n") ? 2 : 1), text.size());
  const std::int64_t lines = count_line_breaks(text.substr(0, end)) + 1;
  return SeparatorLine{.separator = separator, .bytes = bytes, .lines = lines};
}

CsvReader::CsvReader(std::string_view text, char separator, std::int64_t first_line)
    : text_(text), separator_(separator), line_(first_line) {
  if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF")) {
    throw Problem(Problem::Kind::invalid, "this is UTF-16; save it as UTF-8");
  }
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
}

bool CsvReader::next(CsvRecord& record) {
  while (pass_line_break()) {
  }
  record.fields.clear();
  record.fault.reset();
  record.line = line_;
  record_begin_ = at_;
  if (at_ == text_.size()) return false;
  while (read_field(record) == After::field) {
  }
  if (!record.fault) record.fault = bytes_fault(text_.substr(record_begin_, at_ - record_begin_));
  pass_line_break();
  return true;
}

CsvReader::After CsvReader::read_field(CsvRecord& record) {
  if (record.fields.size() == kMaxCsvFields) return give_up(record, "has more than 1,000 fields");
  if (at_ < text_.size() && text_[at_] == '"') return read_quoted(record);
  const std::size_t begin = at_;
  while (at_ < text_.size() && !ends_unquoted(text_[at_], separator_)) ++at_;
  if (at_ - record_begin_ > kMaxCsvRecordBytes) return give_up(record, "is larger than 1 MiB");
  if (at_ < text_.size() && text_[at_] == '"') {
    return give_up(record, "has a quote inside a field that does not begin with one");
  }
  return end_field(record, std::string(text_.substr(begin, at_ - begin)));
}

CsvReader::After CsvReader::read_quoted(CsvRecord& record) {
  // A quote that is not closed within a record's bound is taken for one that never is.
  const std::string_view within = text_.substr(0, std::min(text_.size(), record_begin_ + kMaxCsvRecordBytes));
  const std::int64_t opened_on = line_;
  std::string field;
  ++at_;
  for (;;) {
    const std::size_t quote = within.find('"', at_);
    if (quote == std::string_view::npos) {
      throw Problem(Problem::Kind::invalid, "line " + std::to_string(opened_on) +
                                                ": a quote is opened and not closed" +
                                                (within.size() < text_.size() ? " within 1 MiB" : ""));
    }
    const std::string_view piece = text_.substr(at_, quote - at_);
    field += piece;
    line_ += count_line_breaks(piece);
    at_ = quote + 1;
    if (at_ == text_.size() || text_[at_] != '"') break;
    field += '"';
    ++at_;
  }
  return end_field(record, std::move(field));
}

CsvReader::After CsvReader::end_field(CsvRecord& record, std::string field) {
  record.fields.push_back(std::move(field));
  if (at_ == text_.size() || text_[at_] == '\r' || text_[at_] == '\n') return After::record;
  if (text_[at_] != separator_) return give_up(record, "has text after a closing quote");
  ++at_;
  return After::field;
}

// The rest of the line is passed over: the next one has the best chance to be a record again.
CsvReader::After CsvReader::give_up(CsvRecord& record, std::string_view fault) {
  record.fault = fault;
  at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
  return After::record;
}

bool CsvReader::pass_line_break() {
  if (at_ == text_.size() || (text_[at_] != '\r' && text_[at_] != '\n')) return false;
  at_ += text_.substr(at_).starts_with("\r\n") ? 2 : 1;
  ++line_;
  return true;
}

void append_csv_record(std::string& to, std::span<const std::string> fields) {
  assert(!fields.empty());
  // A line of nothing would be no record at all.
  const bool is_empty_line = fields.size() == 1 && fields[0].empty();
  bool is_first = true;
  for (const std::string& field : fields) {
    if (!std::exchange(is_first, false)) to += ',';
    if (!needs_quotes(field) && !is_empty_line) {
      to += field;
      continue;
    }
    to += '"';
    for (const char c : field) {
      if (c == '"') to += '"';
      to += c;
    }
    to += '"';
  }
  to += "\r\n";
}

}  // namespace aforro

// A CSV file says neither what separates its fields nor what its columns mean. Both are found by looking, and
// told before anything is changed, since a wrong guess that is not shown would fill the shop with nonsense.
// The separator is the one under which the first row shows most of the fields asked for. A column is taken
// for a field only by its own name, whatever its case and however its words are joined. Names that others use
// ("qty", "Preis") are never read as ours, only offered as a question: "cost" may be what the shop pays.
//
// Faults of the first row are collected, so that one run names all columns that are missing, with the --map
// for each that may be meant.
#include "bulk/import_table.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <set>
#include <utility>

#include "base/lookalike.h"
#include "base/problem.h"
#include "base/text.h"
#include "shop/types.h"

namespace aforro::bulk {
namespace {

constexpr std::size_t kShownBytes = 60;
constexpr std::size_t kShownColumns = 20;

[[noreturn]] void refuse(const std::string& why) { throw Problem(Problem::Kind::invalid, why); }

std::string list_columns(const std::vector<std::string>& header) {
  std::string list;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (i == kShownColumns) return list + " and " + std::to_string(header.size() - i) + " more";
    if (i != 0) list += ", ";
    list += shown(header[i]);
  }
  return list;
}

// What a column is found by.
std::string column_key(std::string_view name) {
  std::string key = fold(name);
  std::replace(key.begin(), key.end(), ' ', '_');
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

bool is_blank(const CsvRecord& record) {
  return std::all_of(record.fields.begin(), record.fields.end(),
                     [](const std::string& field) { return trim(field).empty(); });
}

// True if the row has nothing but blanks and separators, also those that are not its own.
bool is_only_separators(const CsvRecord& record) {
  return !record.fault && std::all_of(record.fields.begin(), record.fields.end(), [](std::string field) {
    std::replace_if(
        field.begin(), field.end(), [](char c) { return kCsvSeparators.find(c) != kCsvSeparators.npos; },
        ' ');
    return trim(field).empty();
  });
}

std::size_t count_wanted(const CsvRecord& header, const std::set<std::string>& wanted) {
  std::set<std::string> found;
  for (const std::string& name : header.fields) {
    std::string key = column_key(trim(name));
    if (wanted.contains(key)) found.insert(std::move(key));
  }
  return found.size();
}

// What others call our fields, by the key of the column.
constexpr auto kOtherWords =
    std::to_array<std::pair<std::string_view, std::string_view>>({{"name", "title"},
                                                                  {"product_name", "title"},
                                                                  {"product_title", "title"},
                                                                  {"product", "title"},
                                                                  {"item_name", "title"},
                                                                  {"cost", "price"},
                                                                  {"amount", "price"},
                                                                  {"unit_price", "price"},
                                                                  {"selling_price", "price"},
                                                                  {"price_cents", "price_minor"},
                                                                  {"cents", "price_minor"},
                                                                  {"code", "sku"},
                                                                  {"stock_code", "sku"},
                                                                  {"product_code", "sku"},
                                                                  {"article", "sku"},
                                                                  {"item", "sku"},
                                                                  {"group", "category"},
                                                                  {"department", "category"},
                                                                  {"qty", "quantity"},
                                                                  {"count", "quantity"},
                                                                  {"stock", "quantity"},
                                                                  {"shop", "store"},
                                                                  {"branch", "store"},
                                                                  {"location", "store"},
                                                                  {"preis", "price"},
                                                                  {"prix", "price"},
                                                                  {"precio", "price"},
                                                                  {"prezzo", "price"},
                                                                  {"preco", "price"},
                                                                  {"artikel", "sku"},
                                                                  {"artikelnummer", "sku"},
                                                                  {"item_number", "sku"},
                                                                  {"id", "sku"},
                                                                  {"part_number", "sku"}});

bool is_other_word_for(std::string_view field, std::string_view key) {
  return std::any_of(kOtherWords.begin(), kOtherWords.end(),
                     [&](const auto& word) { return word.first == key && word.second == field; });
}

// Whether the field is among the words of the key, as in `new_price`, `price_usd` and `sku_#`; but not in
// `old_price`.
bool has_word_for(std::string_view field, std::string_view key) {
  std::string words = "_";
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    words += byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
  }
  words += '_';
  const auto has = [&](std::string_view word) {
    return words.find('_' + std::string(word) + '_') != std::string::npos;
  };
  for (const std::string_view past : {"old", "previous", "former", "was", "before"}) {
    if (has(past)) return false;
  }
  return has(field);
}

// The text as it can be typed in a shell: as it is, or in quotes.
std::string quoted_for_shell(const std::string& text) {
  const bool is_plain = text.size() <= kShownBytes && std::all_of(text.begin(), text.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                 c == '_' || c == '=' || c == '.' || c == '-';
                        });
  return is_plain ? text : shown(text);
}

}  // namespace

void BadRows::add(std::int64_t line, std::string reason) {
  ++count_;
  const auto place = std::upper_bound(first_.begin(), first_.end(), line,
                                      [](std::int64_t one, const BadRow& row) { return one < row.line; });
  if (place == first_.end() && first_.size() == kKept) return;
  first_.insert(place, {line, std::move(reason)});
  if (first_.size() > kKept) first_.pop_back();
}

void BadRows::explain(std::int64_t line, std::string_view more) {
  for (BadRow& row : first_) {
    if (row.line == line) row.reason.append("; ").append(more);
  }
}

ImportTable::ImportTable(std::string_view csv, std::span<const std::string_view> fields,
                         const ColumnNames& names, std::optional<char> separator)
    : fields_(fields.begin(), fields.end()), names_(names), reader_(csv) {
  read_header(csv, separator);
  if (record_.fault) {
    refuse("line " + std::to_string(record_.line) + ", the names of the columns: " + *record_.fault +
           (record_.fault == "is not valid UTF-8" ? std::string(kEncodingHint) : ""));
  }
  for (const std::string& name : record_.fields) header_.emplace_back(trim(name));
  find_columns();
}

void ImportTable::read_header(std::string_view csv, std::optional<char> separator) {
  std::int64_t first_line = 1;
  if (const auto line = read_separator_line(csv)) {
    if (!separator) separator = line->separator;
    csv.remove_prefix(line->bytes);
    first_line += line->lines;
  }
  std::set<std::string> wanted;
  for (const std::string_view field : fields_) wanted.insert(column_key(field));
  for (const auto& [field, column] : names_) wanted.insert(column_key(column));

  const std::string_view candidates = separator ? std::string_view(&*separator, 1) : kCsvSeparators;
  bool is_empty = true;
  auto best = std::pair<std::size_t, std::size_t>(0, 0);  // wanted columns, columns
  for (const char candidate : candidates) {
    CsvReader reader(csv, candidate, first_line);
    CsvRecord record;
    bool has_record = reader.next(record);
    while (has_record && is_only_separators(record)) has_record = reader.next(record);
    if (!has_record) continue;
    const auto fits = record.fault ? std::pair<std::size_t, std::size_t>(0, 0)
                                   : std::pair(count_wanted(record, wanted), record.fields.size());
    // More known columns win, then more columns, then the likelier separator, which comes first.
    if (!is_empty && fits <= best) continue;
    is_empty = false;
    best = fits;
    separator_ = candidate;
    reader_ = reader;
    record_ = std::move(record);
  }
  if (is_empty) refuse("the file is empty; its first row must name the columns");
}

void ImportTable::find_columns() {
  std::vector<std::string> missing;
  for (const auto& [field, column] : names_) {
    assert(std::find(fields_.begin(), fields_.end(), field) != fields_.end());
    if (const auto found = find_column(column)) {
      columns_.insert_or_assign(field, *found);
    } else {
      missing.push_back(column);
    }
  }
  if (!missing.empty()) {
    refuse((missing.size() == 1 ? "there is no column " : "there are no columns ") + list_columns(missing) +
           "; the columns are " + list_columns(header_));
  }
  for (const std::string_view field : fields_) {
    if (names_.contains(field)) continue;
    const auto found = find_column(field);
    // A column that was given to one field is not another's merely by its name.
    if (found && !is_read(*found)) columns_.emplace(field, *found);
  }
}

std::optional<std::size_t> ImportTable::find_column(std::string_view name) const {
  const std::string key = column_key(name);
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < header_.size(); ++i) {
    if (column_key(header_[i]) != key) continue;
    if (found) refuse("the column " + shown(header_[i]) + " is there twice");
    found = i;
  }
  return found;
}

bool ImportTable::is_read(std::size_t column) const {
  return std::any_of(columns_.begin(), columns_.end(),
                     [&](const auto& read) { return read.second == column; });
}

bool ImportTable::has_any(const AnyOf& fields) const {
  return std::any_of(fields.begin(), fields.end(), [&](std::string_view field) { return has(field); });
}

std::optional<std::size_t> ImportTable::column_misspelt(std::string_view field) const {
  const std::array<std::string_view, 1> wanted = {field};
  for (std::size_t i = 0; i < header_.size(); ++i) {
    if (!is_read(i) && nearest_name(column_key(header_[i]), wanted)) return i;
  }
  return std::nullopt;
}

bool ImportTable::has_meant(const AnyOf& fields) const {
  return std::any_of(fields.begin(), fields.end(),
                     [&](std::string_view field) { return column_meant(field).has_value(); });
}

bool ImportTable::has_misspelt(const AnyOf& fields) const {
  return std::any_of(fields.begin(), fields.end(),
                     [&](std::string_view field) { return column_misspelt(field).has_value(); });
}

std::optional<std::size_t> ImportTable::column_meant(std::string_view field) const {
  for (std::size_t i = 0; i < header_.size(); ++i) {
    if (!is_read(i) && is_other_word_for(field, column_key(header_[i]))) return i;
  }
  if (const auto misspelt = column_misspelt(field)) return misspelt;
  // But not in a file of one column: that may be all columns in one, of a separator that was not found.
  for (std::size_t i = 0; i < header_.size() && header_.size() > 1; ++i) {
    if (!is_read(i) && has_word_for(field, column_key(header_[i]))) return i;
  }
  return std::nullopt;
}

std::vector<std::string> ImportTable::missing(std::span<const AnyOf> wanted) const {
  std::vector<std::string> names;
  for (const AnyOf& fields : wanted) {
    if (has_any(fields)) continue;
    std::string& name = names.emplace_back();
    for (const std::string_view field : fields) name += (name.empty() ? "" : " or ") + std::string(field);
  }
  return names;
}

void ImportTable::require(std::span<const AnyOf> wanted, std::string_view remark) const {
  const std::vector<std::string> names = missing(wanted);
  if (names.empty()) return;
  std::string text = names.size() == 1 ? "there is no column " : "there are no columns ";
  for (const std::string& name : names) text += (&name == &names.front() ? "" : ", ") + name;
  text += std::string(remark) + "; the columns are " + list_columns(header_);

  std::string meant;
  std::string first_field;
  for (const AnyOf& fields : wanted) {
    if (has_any(fields)) continue;
    if (first_field.empty()) first_field = fields.front();
    for (const std::string_view field : fields) {
      const auto column = column_meant(field);
      if (!column) continue;
      meant += " --map " + quoted_for_shell(std::string(field) + '=' + header_[*column]);
      break;
    }
  }
  if (!meant.empty()) refuse(text + "; did you mean" + meant + "?");
  if (header_.size() == 1) text += "; if it is several, say with --separator what is between them";
  if (columns_.empty() && header_.size() > 1) text += "; the first row must name the columns";
  refuse(text + "; say which it is with --map " + first_field + "=COLUMN");
}

void ImportTable::ignore(std::string_view field) {
  if (const auto column = columns_.find(field); column != columns_.end()) columns_.erase(column);
}

void ImportTable::prefer_named(std::string_view one, std::string_view other) {
  if (names_.contains(one) == names_.contains(other)) return;
  ignore(names_.contains(one) ? other : one);
}

ImportShape ImportTable::shape() const {
  ImportShape shape{.separator = separator_, .read = {}, .passed_over = {}};
  for (std::size_t i = 0; i < header_.size(); ++i) {
    for (const auto& [field, column] : columns_) {
      if (column == i) shape.read.push_back({field, header_[i]});
    }
    if (is_read(i) || header_[i].empty()) continue;
    ImportShape::PassedOver& passed = shape.passed_over.emplace_back();
    passed.column = header_[i];
    for (const std::string_view field : fields_) {
      if (has(field) || passed.meant) continue;
      if (column_meant(field) == i) passed.meant = field;
    }
  }
  return shape;
}

bool ImportTable::next() {
  while (reader_.next(record_)) {
    if (record_.fault || !is_blank(record_)) return true;
  }
  return false;
}

std::optional<std::string> ImportTable::fault() const {
  if (record_.fault) return "the row " + *record_.fault;
  if (record_.fields.size() == header_.size()) return std::nullopt;
  return "the row has " + std::to_string(record_.fields.size()) + " fields, the first row " +
         std::to_string(header_.size());
}

std::string_view ImportTable::cell(std::string_view field) const {
  const auto column = columns_.find(field);
  return column == columns_.end() ? std::string_view() : trim(record_.fields.at(column->second));
}

void RowFaults::add(std::string_view reason) {
  if (!reasons_.empty()) reasons_ += "; ";
  reasons_ += reason;
}

void RowFaults::add_if(std::string_view field, const std::optional<std::string>& text_fault) {
  if (text_fault) add("the " + std::string(field) + ' ' + *text_fault);
}

std::optional<std::string> sku_fault(std::string_view cell) {
  if (!is_valid_utf8(cell)) return "must be valid UTF-8";
  if (const auto invisible = invisible_character(cell)) {
    return "must not have a character that cannot be seen, " + *invisible;
  }
  return text_fault(cell, 1, shop::kMaxSkuCharacters);
}

std::string shown(std::string_view text) {
  const bool is_cut = text.size() > kShownBytes;
  if (is_cut) {
    std::size_t end = kShownBytes;
    while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
    text = text.substr(0, end);
  }
  std::string shown = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters of two bytes; a terminal may obey them.
    const bool is_late_control =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (is_late_control) ++i;
    shown += byte < 0x20 || byte == 0x7F || is_late_control ? ' ' : text[i];
  }
  return shown + (is_cut ? "…\"" : "\"");
}

}  // namespace aforro::bulk

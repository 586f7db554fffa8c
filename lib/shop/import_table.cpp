#include "shop/import_table.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/problem.h"
#include "base/text.h"

namespace aforro::shop {
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

}  // namespace

void BadRows::add(std::int64_t line, std::string reason) {
  ++count_;
  if (first_.size() < kKept) first_.push_back({line, std::move(reason)});
}

ImportTable::ImportTable(std::string_view csv, std::span<const std::string_view> fields,
                         const ColumnNames& names)
    : reader_(csv), names_(names) {
  if (!reader_.next(record_)) refuse("the file is empty; its first row must name the columns");
  if (record_.fault)
    refuse("line " + std::to_string(record_.line) + ", the names of the columns: " + *record_.fault);
  for (const std::string& name : record_.fields) header_.emplace_back(trim(name));
  find_columns(fields, names);
}

void ImportTable::find_columns(std::span<const std::string_view> fields, const ColumnNames& names) {
  for (const auto& [field, column] : names) {
    assert(std::find(fields.begin(), fields.end(), field) != fields.end());
    const auto found = find_column(column);
    if (!found) refuse("there is no column " + shown(column) + "; the columns are " + list_columns(header_));
    columns_.insert_or_assign(field, *found);
  }
  for (const std::string_view field : fields) {
    if (names.contains(field)) continue;
    const auto found = find_column(field);
    // A column that was given to one field is not another's merely by its name.
    const bool is_taken = found && std::any_of(names.begin(), names.end(), [&](const auto& name) {
                            return columns_.find(name.first)->second == *found;
                          });
    if (found && !is_taken) columns_.emplace(field, *found);
  }
}

std::optional<std::size_t> ImportTable::find_column(std::string_view name) const {
  const std::string key = fold(name);
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < header_.size(); ++i) {
    if (fold(header_[i]) != key) continue;
    if (found) refuse("the column " + shown(header_[i]) + " is there twice");
    found = i;
  }
  return found;
}

void ImportTable::require_any(std::initializer_list<std::string_view> fields) const {
  std::string wanted;
  for (const std::string_view field : fields) {
    if (has(field)) return;
    wanted += wanted.empty() ? "" : " or ";
    wanted += field;
  }
  refuse("there is no column " + wanted + "; the columns are " + list_columns(header_) +
         "; say which it is with --map " + std::string(*fields.begin()) + "=COLUMN");
}

void ImportTable::prefer_named(std::string_view one, std::string_view other) {
  if (names_.contains(one) == names_.contains(other)) return;
  const auto unnamed = columns_.find(names_.contains(one) ? other : one);
  if (unnamed != columns_.end()) columns_.erase(unnamed);
}

bool ImportTable::next() { return reader_.next(record_); }

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

}  // namespace aforro::shop

#include "app/table.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "base/text.h"

namespace aforro::app {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::string_view kEllipsis = "…";
constexpr std::size_t kLeastWidth = 12;  // of a column that gives way

// The text, or as much of it as fits with an ellipsis at its end.
std::string cut(const std::string& text, std::size_t width) {
  if (display_width(text) <= width) return text;
  std::size_t end = text.size();
  do {
    --end;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  } while (end > 0 && display_width(std::string_view(text).substr(0, end)) >= width);
  return text.substr(0, end) + std::string(kEllipsis);
}

constexpr std::string_view kBold = "\x1B[1m";
constexpr std::string_view kPlain = "\x1B[0m";

// The text, of which `kept` bytes are left before an ellipsis, with the spans in bold.
std::string in_bold(const std::string& text, std::size_t kept, const std::vector<Span>& spans) {
  std::string styled;
  std::size_t at = 0;
  for (const Span& span : spans) {
    if (span.begin >= kept) break;
    const std::size_t end = std::min(span.end, kept);
    styled += text.substr(at, span.begin - at);
    styled += kBold;
    styled += text.substr(span.begin, end - span.begin);
    styled += kPlain;
    at = end;
  }
  return styled += text.substr(at);
}

}  // namespace

void Table::emphasize(std::size_t column, std::vector<Span> spans) {
  assert(!rows_.empty() && column < columns_.size());
  emphasized_[{rows_.size() - 1, column}] = std::move(spans);
}

void Table::add(std::vector<std::string> cells) {
  assert(cells.size() == columns_.size());
  for (std::string& cell : cells) cell = aforro::for_terminal(cell);
  rows_.push_back(std::move(cells));
}

// Takes the excess from the widest columns that give way, one after the other, as far as they go.
void Table::narrow(std::vector<std::size_t>& widths, std::size_t excess) const {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].gives_way && widths[i] > kLeastWidth) columns.push_back(i);
  }
  std::sort(columns.begin(), columns.end(),
            [&](std::size_t a, std::size_t b) { return widths[a] > widths[b]; });
  for (const std::size_t i : columns) {
    const std::size_t taken = std::min(excess, widths[i] - kLeastWidth);
    widths[i] -= taken;
    excess -= taken;
  }
}

std::string Table::for_terminal(std::size_t width, bool is_styled) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = display_width(columns_[i].name);
    for (const auto& row : rows_) widest = std::max(widest, display_width(row[i]));
    widths.push_back(widest);
  }
  const std::size_t all = std::accumulate(widths.begin(), widths.end(), kGap * (columns_.size() - 1));
  if (all > width) narrow(widths, all - width);
  std::string text;
  const auto add_row = [&](const auto& cell_of, const auto& spans_of) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string whole{std::string_view(cell_of(i))};
      std::string cell = cut(whole, widths[i]);
      const std::string fill(widths[i] - std::min(widths[i], display_width(cell)), ' ');
      if (const std::vector<Span>* const spans = spans_of(i)) {
        cell = in_bold(cell, cell == whole ? cell.size() : cell.size() - kEllipsis.size(), *spans);
      }
      if (i > 0) text.append(kGap, ' ');
      if (columns_[i].align == Column::Align::right) {
        text += fill + cell;
      } else {
        text += cell + (i + 1 < columns_.size() ? fill : "");
      }
    }
    text += '\n';
  };
  if (is_styled) text += kBold;
  add_row([&](std::size_t i) { return columns_[i].name; },
          [](std::size_t) { return static_cast<const std::vector<Span>*>(nullptr); });
  if (is_styled) text.insert(text.size() - 1, kPlain);
  for (std::size_t at = 0; at < rows_.size(); ++at) {
    add_row([&](std::size_t i) -> const std::string& { return rows_[at][i]; },
            [&](std::size_t i) -> const std::vector<Span>* {
              const auto found = emphasized_.find({at, i});
              return is_styled && found != emphasized_.end() ? &found->second : nullptr;
            });
  }
  return text;
}

std::string Table::for_pipe() const {
  std::string text;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) text += '\t';
    text += columns_[i].name;
  }
  text += '\n';
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += '\t';
      text += row[i];
    }
    text += '\n';
  }
  return text;
}

}  // namespace aforro::app

// What a terminal can do that a pipe can't: how wide it is, passwords that don't show, progress that comes
// and goes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aforro::app {

bool is_terminal(int descriptor);

// True if standard output is a terminal that can show bold text, unless the user wants none (NO_COLOR, see
// https://no-color.org).
bool is_styled_terminal();

// "1,200", of what is not negative.
std::string with_separators(std::int64_t number);

// "4,096 bytes", "2.2 MB", "1.3 GB"
std::string shown_bytes(std::uint64_t bytes);

// What COLUMNS in the environment says; nothing where it is no number from 1 to 10,000.
std::optional<std::size_t> wanted_width();

// In columns: what the terminal says or, where that is less, COLUMNS; 80 where neither says any.
std::size_t terminal_width(int descriptor);

// True if there is a terminal to ask on.
bool can_ask();

// Asks on the terminal and reads one line that is not shown. Nothing if there is no terminal, or no line
// came. Ctrl-C ends the process, the terminal being as it was.
std::optional<std::string> ask_password(std::string_view prompt);

// "importing 1,200 of 19,405, 800 a second, 23 s left", on standard error if that is a terminal that can go
// back to the beginning of a line, once a second has gone by; gone without a trace at the end.
class Progress {
 public:
  explicit Progress(std::string_view doing);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void show(std::int64_t done, std::int64_t all);
  // Where nobody knows how many there are.
  void show(std::int64_t done);
  // "copying 12.0 MB of 104.2 MB, 48.1 MB a second, 2 s left"
  void show_bytes(std::uint64_t done, std::uint64_t all);

 private:
  bool is_due();
  void show(const std::string& how_far);
  // ", 800 a second, 23 s left"
  template <class Count, class Show>
  std::string pace(Count done, Count left, Show shown) const;

  const std::string doing_;
  const bool is_wanted_;
  const std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point next_;
  std::size_t shown_width_ = 0;
};

}  // namespace aforro::app

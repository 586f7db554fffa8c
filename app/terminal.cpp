#include "app/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "base/numbers.h"

namespace aforro::app {
namespace {

constexpr std::size_t kMaxPasswordBytes = 4096;

void write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(to, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// The controlling terminal with its echo off, as it was again afterwards. Its keys make no signals meanwhile:
// one that ended the process would leave the terminal silent.
class SilentTerminal {
 public:
  SilentTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    silent.c_cc[VEOL] = before_.c_cc[VINTR];  // so that it is read at once, not with the end of the line
    is_silent_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (is_silent_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  bool is_silent() const { return is_silent_; }
  int get() const { return descriptor_; }

  // True for the key that interrupts: Ctrl-C, unless it was set to another.
  bool interrupts(char key) const { return static_cast<cc_t>(key) == before_.c_cc[VINTR]; }

 private:
  int descriptor_;
  termios before_{};
  bool is_silent_ = false;
};

// As in the shell of an editor: it knows no more than to go on.
bool is_dumb() {
  const char* const kind = std::getenv("TERM");
  return kind == nullptr || *kind == '\0' || std::string_view(kind) == "dumb";
}

}  // namespace

std::string with_separators(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string shown_bytes(std::uint64_t bytes) {
  constexpr std::uint64_t kMega = 1'000'000;
  if (bytes < kMega) return with_separators(static_cast<std::int64_t>(bytes)) + " bytes";
  const bool is_giga = bytes >= 1'000 * kMega;
  const std::uint64_t tenth = (is_giga ? 1'000 * kMega : kMega) / 10;
  const std::uint64_t tenths = (bytes + tenth / 2) / tenth;
  return with_separators(static_cast<std::int64_t>(tenths / 10)) + '.' + std::to_string(tenths % 10) +
         (is_giga ? " GB" : " MB");
}

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

bool is_styled_terminal() {
  const char* const no_color = std::getenv("NO_COLOR");
  const bool is_minded = no_color != nullptr && *no_color != '\0';
  return is_terminal(STDOUT_FILENO) && !is_dumb() && !is_minded;
}

std::optional<std::size_t> wanted_width() {
  const char* const columns = std::getenv("COLUMNS");
  const auto number = columns == nullptr ? std::nullopt : parse_whole_number(columns, 1, 10'000);
  return number ? std::optional(static_cast<std::size_t>(*number)) : std::nullopt;
}

std::size_t terminal_width(int descriptor) {
  winsize size{};
  const std::optional<std::size_t> wanted = wanted_width();
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return wanted.value_or(80);
  return std::min<std::size_t>(size.ws_col, wanted.value_or(size.ws_col));
}

bool can_ask() { return SilentTerminal().is_silent(); }

std::optional<std::string> ask_password(std::string_view prompt) {
  std::optional<std::string> line = "";
  bool is_interrupted = false;
  {
    const SilentTerminal terminal;
    if (!terminal.is_silent()) return std::nullopt;
    write_all(terminal.get(), prompt);
    for (;;) {
      char key = 0;
      const ssize_t got = ::read(terminal.get(), &key, 1);
      if (got < 0 && errno == EINTR) continue;
      is_interrupted = got == 1 && terminal.interrupts(key);
      if (got <= 0 || is_interrupted || line->size() > kMaxPasswordBytes) line.reset();
      if (!line || key == '\n') break;
      *line += key;
    }
    write_all(terminal.get(), "\n");
  }
  if (is_interrupted) ::raise(SIGINT);
  return line;
}

Progress::Progress(std::string_view doing)
    : doing_(doing),
      is_wanted_(is_terminal(STDERR_FILENO) && !is_dumb()),
      begin_(std::chrono::steady_clock::now()),
      next_(begin_ + std::chrono::seconds(1)) {}

Progress::~Progress() {
  if (shown_width_ > 0) write_all(STDERR_FILENO, '\r' + std::string(shown_width_, ' ') + '\r');
}

bool Progress::is_due() {
  const auto now = std::chrono::steady_clock::now();
  if (!is_wanted_ || now < next_) return false;
  next_ = now + std::chrono::milliseconds(100);
  return true;
}

void Progress::show(const std::string& how_far) {
  // A line that the terminal breaks could not be written over.
  std::string line = (doing_ + ' ' + how_far).substr(0, terminal_width(STDERR_FILENO) - 1);
  const std::size_t width = line.size();
  if (width < shown_width_) line.append(shown_width_ - width, ' ');  // over what is there
  shown_width_ = width;
  write_all(STDERR_FILENO, '\r' + line);
}

template <class Count, class Show>
std::string Progress::pace(Count done, Count left, Show shown) const {
  const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - begin_;
  const double a_second = static_cast<double>(done) / gone.count();
  const double left_s = static_cast<double>(left) / a_second;
  return ", " + shown(static_cast<Count>(a_second)) + " a second, " +
         with_separators(static_cast<std::int64_t>(left_s + 0.5)) + " s left";
}

void Progress::show(std::int64_t done, std::int64_t all) {
  if (!is_due()) return;
  const std::string how_far = with_separators(done) + " of " + with_separators(all);
  show(done <= 0 ? how_far : how_far + pace(done, all - done, with_separators));
}

void Progress::show(std::int64_t done) {
  if (is_due()) show(with_separators(done));
}

void Progress::show_bytes(std::uint64_t done, std::uint64_t all) {
  if (!is_due() || done == 0) return;
  show(shown_bytes(done) + " of " + shown_bytes(all) + pace(done, all - done, shown_bytes));
}

}  // namespace aforro::app

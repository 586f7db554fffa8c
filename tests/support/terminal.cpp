#include "support/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace aforro::test {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Terminal::Terminal(const std::vector<std::string>& arguments, Setting setting, unsigned short columns)
    : timeout_(setting.timeout) {
  winsize size{};
  size.ws_col = columns;
  size.ws_row = 40;
  int theirs = -1;
  if (::openpty(&ours_, &theirs, nullptr, nullptr, &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "openpty");
  }
  ::fcntl(ours_, F_SETFD, FD_CLOEXEC);
  std::vector<std::string> command{program_path().string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  setting.terminal = theirs;
  process_ = std::make_unique<Process>(command, setting, theirs, theirs, theirs);
  ::close(theirs);
}

Terminal::~Terminal() {
  process_.reset();
  ::close(ours_);
}

bool Terminal::read_some(milliseconds patience) {
  pollfd readable{.fd = ours_, .events = POLLIN, .revents = 0};
  if (::poll(&readable, 1, static_cast<int>(patience.count())) <= 0) return false;
  std::array<char, 4096> piece{};
  const ssize_t got = ::read(ours_, piece.data(), piece.size());
  if (got <= 0) return false;  // the other end is gone
  screen_.append(piece.data(), static_cast<std::size_t>(got));
  return true;
}

bool Terminal::waits_for(std::string_view text) {
  const auto end = steady_clock::now() + timeout_;
  for (;;) {
    const std::size_t at = screen_.find(text, seen_);
    if (at != std::string::npos) {
      seen_ = at + text.size();
      return true;
    }
    const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    if (left <= milliseconds(0) || !read_some(left)) return false;
  }
}

bool Terminal::echoes() const {
  termios settings{};
  if (::tcgetattr(ours_, &settings) != 0)
    throw std::system_error(errno, std::generic_category(), "tcgetattr");
  return (settings.c_lflag & ECHO) != 0;
}

bool Terminal::is_silent() const {
  const auto end = steady_clock::now() + std::chrono::seconds(5);
  do {
    if (!echoes()) return true;
    std::this_thread::sleep_for(milliseconds(5));
  } while (steady_clock::now() < end);
  return false;
}

void Terminal::type(std::string_view keys) {
  while (!keys.empty()) {
    const ssize_t written = ::write(ours_, keys.data(), keys.size());
    if (written < 0) throw std::system_error(errno, std::generic_category(), "write");
    keys.remove_prefix(static_cast<std::size_t>(written));
  }
}

int Terminal::finish() {
  const auto end = steady_clock::now() + timeout_;
  while (steady_clock::now() < end) {
    // What it shows has to be taken, or it may wait for ever to show more.
    while (read_some(milliseconds(10))) {
    }
    if (const auto status = process_->wait(milliseconds(10))) {
      while (read_some(milliseconds(0))) {
      }
      return *status;
    }
  }
  throw std::runtime_error("the program did not end in time; the screen shows: " + screen_);
}

}  // namespace aforro::test

// A log on a pipe must neither break lines nor stop the program. Lines: a write of more than PIPE_BUF bytes
// may be taken apart (pipe(7)), with a part of another process's or thread's line between; so the mutex is
// held for a whole line, and each piece has at most PIPE_BUF. Stopping: a full pipe blocks the writer for as
// long as its reader sleeps. O_NONBLOCK would end that, but the flag belongs to the open file description,
// which the shell or a supervisor shares. So poll(2) asks before each piece whether that much fits.
//
// A reader gets a quarter of a second once; as long as it takes nothing after that, lines are dropped and
// counted at once, and the count is the first line that it gets again.
#include "base/log.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <new>
#include <system_error>

#include "base/blocking.h"
#include "base/json_writer.h"
#include "base/passwords.h"
#include "base/text.h"

namespace aforro {
namespace {

constexpr std::chrono::milliseconds kNoPatience{0};
constexpr std::chrono::milliseconds kPatience{250};  // with the reader of the log

std::string_view name_of(Log::Level level) {
  switch (level) {
    case Log::Level::debug:
      return "debug";
    case Log::Level::info:
      return "info";
    case Log::Level::warning:
      return "warning";
    case Log::Level::error:
      return "error";
  }
  return "error";
}

// In text that is no UTF-8 each byte past ASCII becomes '?': the log must stay readable.
std::string repaired(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return out;
}

// True if PIPE_BUF bytes can be written without waiting for a reader, or if writing fails anyway.
bool takes_more(int file_descriptor, std::chrono::milliseconds patience) {
  pollfd descriptor{.fd = file_descriptor, .events = POLLOUT, .revents = 0};
  return file_descriptor < 0 || ::poll(&descriptor, 1, static_cast<int>(patience.count())) != 0;
}

bool takes_more_soon(int file_descriptor) {
  if (takes_more(file_descriptor, kNoPatience)) return true;
  about_to_block();
  return takes_more(file_descriptor, kPatience);
}

// Returns how much of it was written; errno says why not all.
std::size_t write_all(int file_descriptor, std::string_view bytes) {
  std::size_t total = 0;
  while (total < bytes.size()) {
    if (!takes_more_soon(file_descriptor)) {
      errno = EAGAIN;
      return total;
    }
    const std::size_t piece = std::min<std::size_t>(bytes.size() - total, PIPE_BUF);
    const ssize_t written = ::write(file_descriptor, bytes.data() + total, piece);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return total;
    total += static_cast<std::size_t>(written);
  }
  return total;
}

}  // namespace

Log::Log(int file_descriptor, Level least, const Clock& clock)
    : file_descriptor_(file_descriptor), least_(least), clock_(clock) {}

std::string Log::line_of(Level level, std::string_view event, std::initializer_list<LogField> fields) const {
  JsonWriter json;
  json.begin_object();
  json.key("time").string(clock_.now().to_string());
  json.key("level").string(name_of(level));
  json.key("event").string(event);
  for (const LogField& field : fields) {
    json.key(field.name);
    if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
      json.number(*number);
    } else {
      const std::string text = without_passwords(std::get<std::string_view>(field.value));
      is_valid_utf8(text) ? json.string(text) : json.string(repaired(text));
    }
  }
  json.end_object();
  return json.take() + '\n';
}

void Log::note(Level level, std::string_view event, std::initializer_list<LogField> fields) {
  // A note that can't be written, or not even made, is no reason to fail.
  if (level < least_) return;
  try {
    write(line_of(level, event, fields), Loss::is_counted);
  } catch (const std::bad_alloc&) {
    const Lock lock(mutex_);
    if (takes_more(file_descriptor_, kNoPatience)) {
      write_all(file_descriptor_, "{\"level\":\"error\",\"event\":\"no_memory_to_log\"}\n");
    }
  }
}

void Log::deliver(std::string_view event, std::initializer_list<LogField> fields) {
  if (!write(line_of(Level::info, event, fields), Loss::is_told)) {
    throw std::system_error(errno, std::generic_category(), "the log can't be written");
  }
}

// The first line that is not taken waits for kPatience, and those after it for nothing: threads that log have
// other work to do.
bool Log::write(std::string line, Loss loss) {
  if (!mutex_.try_lock()) {
    about_to_block();
    mutex_.lock();
  }
  const Lock lock(mutex_, std::adopt_lock);
  if (is_stuck_ && !takes_more(file_descriptor_, kNoPatience)) {
    if (loss == Loss::is_counted) ++lost_;
    errno = EAGAIN;
    return false;
  }
  if (lost_ > 0) line.insert(0, line_of(Level::warning, "log_lines_lost", {{"count", lost_}}));
  if (is_torn_) line.insert(line.begin(), '\n');
  const std::size_t written = write_all(file_descriptor_, line);
  if (written > 0) is_torn_ = line[written - 1] != '\n';
  is_stuck_ = written < line.size();
  if (!is_stuck_) {
    lost_ = 0;
  } else if (loss == Loss::is_counted) {
    ++lost_;
  }
  return !is_stuck_;
}

}  // namespace aforro

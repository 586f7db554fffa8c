#include "base/log.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <new>
#include <system_error>

#include "base/json_writer.h"
#include "base/text.h"

namespace aforro {
namespace {

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

// What is not ASCII in broken text becomes '?': the log must stay readable whatever arrives.
std::string repaired(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return out;
}

// Returns how much of it was written; errno says why not all.
std::size_t write_all(int file_descriptor, std::string_view bytes) {
  std::size_t total = 0;
  while (total < bytes.size()) {
    const ssize_t written = ::write(file_descriptor, bytes.data() + total, bytes.size() - total);
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
      const std::string_view text = std::get<std::string_view>(field.value);
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
    write(line_of(level, event, fields));
  } catch (const std::bad_alloc&) {
    write_all(file_descriptor_, "{\"level\":\"error\",\"event\":\"no_memory_to_log\"}\n");
  }
}

void Log::deliver(std::string_view event, std::initializer_list<LogField> fields) {
  if (!write(line_of(Level::info, event, fields))) {
    throw std::system_error(errno, std::generic_category(), "the log can't be written");
  }
}

bool Log::write(std::string line) {
  // A pipe takes no more than PIPE_BUF (4096) bytes without those of another thread between.
  const std::lock_guard lock(mutex_);
  if (is_torn_) line.insert(line.begin(), '\n');
  const std::size_t written = write_all(file_descriptor_, line);
  if (written > 0) is_torn_ = line[written - 1] != '\n';
  return written == line.size();
}

}  // namespace aforro

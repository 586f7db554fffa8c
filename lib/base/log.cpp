#include "base/log.h"

#include <unistd.h>

#include <cerrno>

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

// A log that can't be written is no reason to fail.
void write_all(int file_descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Log::Log(int file_descriptor, Level least, const Clock& clock)
    : file_descriptor_(file_descriptor), least_(least), clock_(clock) {}

void Log::write(Level level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < least_) return;
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
  const std::string line = json.take() + '\n';
  // A pipe takes no more than PIPE_BUF (4096) bytes without those of another thread between.
  const std::lock_guard lock(mutex_);
  write_all(file_descriptor_, line);
}

}  // namespace aforro

// Structured log: one line of JSON per event on a stream, with time, level and the fields given. Lines of
// concurrent callers never mix, nor with one that could not be written whole. A stream that is not read stops
// no thread: lines that it does not take are lost and counted. Values may hold anything; broken UTF-8 is
// replaced. Safe from any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/mutex.h"
#include "base/time.h"

namespace aforro {

struct LogField {
  std::string_view name;
  std::variant<std::int64_t, std::string_view> value;
};

class Log {
 public:
  enum class Level { debug, info, warning, error };

  // Writes events of at least this level to a file descriptor, which must outlive the log.
  Log(int file_descriptor, Level least, const Clock& clock);

  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    note(Level::debug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    note(Level::info, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    note(Level::warning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    note(Level::error, event, fields);
  }

  const Clock& clock() const { return clock_; }

  // For an event that must arrive, such as a message to a customer: an info, also where the least level is
  // higher. Throws std::system_error unless it has been written whole.
  void deliver(std::string_view event, std::initializer_list<LogField> fields);

 private:
  void note(Level level, std::string_view event, std::initializer_list<LogField> fields);
  std::string line_of(Level level, std::string_view event, std::initializer_list<LogField> fields) const;
  enum class Loss { is_counted, is_told };  // of a line that could not be written
  bool write(std::string line, Loss loss);

  int file_descriptor_;
  Level least_;
  const Clock& clock_;
  Mutex mutex_;
  bool is_torn_ GUARDED_BY(mutex_) = false;   // the last line has no end
  bool is_stuck_ GUARDED_BY(mutex_) = false;  // it was not written whole
  std::int64_t lost_ GUARDED_BY(mutex_) = 0;  // notes since then
};

}  // namespace aforro

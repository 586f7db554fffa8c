#include <initializer_list>

#include "redis/reply.h"

namespace aforro::redis {

std::string written(std::initializer_list<std::string_view> words) {
  std::size_t bytes = 16;
  for (const std::string_view word : words) bytes += word.size() + 32;
  std::string command;
  command.reserve(bytes);
  command += '*';
  command += std::to_string(words.size());
  command += "\r\n";
  for (const std::string_view word : words) {
    command += '$';
    command += std::to_string(word.size());
    command += "\r\n";
    command += word;
    command += "\r\n";
  }
  return command;
}

}  // namespace aforro::redis

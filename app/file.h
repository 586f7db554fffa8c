// Files as commands take them: read whole, bounded, or piece by piece.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace aforro::app {

// The bytes of a file; "-" is standard input. Throws Problem: not_found if it is not there, invalid if it is
// a folder, has more than `max_bytes` or can't be read.
std::string read_file(const std::filesystem::path& file, std::size_t max_bytes);

// A file that is read to its end, once. "-" is standard input. Throws Problem as read_file() does.
class InputFile {
 public:
  explicit InputFile(std::filesystem::path file);
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile();

  // How many bytes came; 0 at the end.
  std::size_t read(std::span<char> buffer);

 private:
  const std::filesystem::path file_;
  int descriptor_;
};

}  // namespace aforro::app

// A file on disk that stays open and is read from any position. Safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "base/descriptor.h"

namespace aforro::http {

// So many bytes from there on. Throws std::system_error if they can't be read, std::runtime_error if there
// are fewer.
std::string read_at(int file, std::uint64_t position, std::uint64_t count);

class OpenFile {
 public:
  // Takes over what is open for reading, of which the first `bytes` count.
  OpenFile(Descriptor file, std::uint64_t bytes) : file_(std::move(file)), size_(bytes) {}

  // Throws std::system_error if it can't be opened, or is no regular file.
  explicit OpenFile(const std::filesystem::path& path);

  std::uint64_t size() const { return size_; }  // in bytes, as it was found

  // At most `max_bytes` from there on; none behind the end. Throws std::system_error if they can't be read,
  // std::runtime_error if the file has become shorter than it was.
  std::string read(std::uint64_t position, std::size_t max_bytes) const;

 private:
  const Descriptor file_;
  const std::uint64_t size_;
};

}  // namespace aforro::http

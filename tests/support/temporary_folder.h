// A folder of a test's own, empty at first and gone with this object. On tmpfs where there is one, so that
// tests do not wait for a disk.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace aforro::test {

class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  // Writes a file of that name with these bytes and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view bytes) const;

 private:
  std::filesystem::path path_;
};

// All bytes of a file; throws if it can't be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace aforro::test

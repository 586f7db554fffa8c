// A folder of a test's own on a disk, and not in memory as a TemporaryFolder is; gone with this object.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace aforro::test {

class DiskFolder {
 public:
  DiskFolder() {
    std::string made = "/var/tmp/aforro-test-XXXXXX";
    if (::mkdtemp(made.data()) == nullptr) throw std::runtime_error("no folder in /var/tmp");
    path_ = made;
  }
  DiskFolder(const DiskFolder&) = delete;
  DiskFolder& operator=(const DiskFolder&) = delete;
  ~DiskFolder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace aforro::test

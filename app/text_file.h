// A text file that a command writes line by line and that gets its name when it is whole. One at a time in a
// process, as PartialFile says.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "app/partial_file.h"

namespace aforro::app {

class TextFile {
 public:
  // Throws Problem as PartialFile does.
  explicit TextFile(const std::filesystem::path& target) : target_(target), file_(target) {}

  // Throws Problem (conflict) if the disk does not take it.
  void add(std::string_view line);
  // See PartialFile::finish().
  void finish(PartialFile::Existing existing);

 private:
  void write();

  const std::filesystem::path target_;
  PartialFile file_;
  std::string buffer_;
};

}  // namespace aforro::app

#include "app/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/problem.h"
#include "base/shortage.h"

namespace aforro::app {
namespace {

std::string name_of(const std::filesystem::path& file) {
  return file == "-" ? "standard input" : file.string();
}

[[noreturn]] void refuse(const std::filesystem::path& file, int error) {
  const auto kind = error == ENOENT ? Problem::Kind::not_found : Problem::Kind::invalid;
  throw Problem(kind, name_of(file) + " can't be read: " + error_text(error));
}

}  // namespace

InputFile::InputFile(std::filesystem::path file)
    : file_(std::move(file)),
      descriptor_(file_ == "-" ? STDIN_FILENO : ::open(file_.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) refuse(file_, errno);
}

InputFile::~InputFile() {
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
}

std::size_t InputFile::read(std::span<char> buffer) {
  for (;;) {
    const ssize_t got = ::read(descriptor_, buffer.data(), buffer.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) refuse(file_, errno);
  }
}

std::string read_file(const std::filesystem::path& file, std::size_t max_bytes) {
  InputFile input(file);
  std::string bytes;
  std::array<char, std::size_t{64} * 1024> buffer{};
  while (const std::size_t got = input.read(buffer)) {
    if (bytes.size() + got > max_bytes) {
      throw Problem(Problem::Kind::invalid, name_of(file) + " has more than " + std::to_string(max_bytes) +
                                                " bytes, the most that is read");
    }
    bytes.append(buffer.data(), got);
  }
  return bytes;
}

}  // namespace aforro::app

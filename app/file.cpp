#include "app/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/problem.h"
#include "base/shortage.h"

namespace aforro::app {
namespace {

class Input {
 public:
  explicit Input(const std::filesystem::path& file)
      : descriptor_(file == "-" ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::string name_of(const std::filesystem::path& file) {
  return file == "-" ? "standard input" : file.string();
}

[[noreturn]] void refuse(const std::filesystem::path& file, int error) {
  const auto kind = error == ENOENT ? Problem::Kind::not_found : Problem::Kind::invalid;
  throw Problem(kind, name_of(file) + " can't be read: " + error_text(error));
}

}  // namespace

std::string read_file(const std::filesystem::path& file, std::size_t max_bytes) {
  const Input input(file);
  if (input.get() < 0) refuse(file, errno);
  std::string bytes;
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    const ssize_t got = ::read(input.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(file, errno);
    if (got == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(got) > max_bytes) {
      throw Problem(Problem::Kind::invalid, name_of(file) + " has more than " + std::to_string(max_bytes) +
                                                " bytes, the most that is read");
    }
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace aforro::app

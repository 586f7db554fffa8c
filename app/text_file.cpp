#include "app/text_file.h"

#include <unistd.h>

#include <cerrno>

#include "base/problem.h"
#include "base/shortage.h"

namespace aforro::app {
namespace {

constexpr std::size_t kWrittenTogether = std::size_t{64} * 1024;

}  // namespace

void TextFile::add(std::string_view line) {
  buffer_ += line;
  buffer_ += '\n';
  if (buffer_.size() >= kWrittenTogether) write();
}

void TextFile::finish(PartialFile::Existing existing) {
  write();
  file_.sync();
  file_.finish(existing);
}

void TextFile::write() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t wrote = ::write(file_.descriptor(), rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) {
      throw Problem(Problem::Kind::conflict, target_.string() + " can't be written: " + error_text(errno));
    }
    rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
  buffer_.clear();
}

}  // namespace aforro::app

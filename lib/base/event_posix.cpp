#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/event.h"

namespace aforro {

Event::Event() : descriptor_(-1), writing_(-1) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  for (const int end : ends) {
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::fcntl(end, F_SETFL, ::fcntl(end, F_GETFL) | O_NONBLOCK);
  }
  descriptor_ = ends[0];
  writing_ = ends[1];
}

Event::~Event() {
  ::close(descriptor_);
  ::close(writing_);
}

// A pipe that is full is readable.
void Event::set() const {
  const char one = 1;
  [[maybe_unused]] const ssize_t written = ::write(writing_, &one, sizeof one);
}

void Event::clear() const {
  std::array<char, 512> bytes{};
  while (::read(descriptor_, bytes.data(), bytes.size()) > 0) {
  }
}

}  // namespace aforro

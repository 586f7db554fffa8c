#include "app/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace aforro::app {

bool occupy_standard_descriptors() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(number, F_GETFD) >= 0) continue;
    // Opened the wrong way round, so that using it fails as it does where it is closed.
    int taken = ::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (taken < 0) taken = ::open("/", O_RDONLY | O_DIRECTORY);
    if (taken != number) return false;
  }
  return true;
}

}  // namespace aforro::app

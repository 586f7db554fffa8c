// Preloaded into the program (LD_PRELOAD), makes its disk slow: while the file that SLOW_DISK names is there,
// each fsync() and fdatasync() takes SLOW_DISK_MS milliseconds more.
#include <dlfcn.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace {

using Sync = int (*)(int);

int slowly(const char* name, int file) {
  const char* const flag = std::getenv("SLOW_DISK");
  const char* const time = std::getenv("SLOW_DISK_MS");
  if (flag != nullptr && time != nullptr && ::access(flag, F_OK) == 0) {
    const long ms = std::atol(time);
    const timespec pause{.tv_sec = ms / 1'000, .tv_nsec = ms % 1'000 * 1'000'000};
    ::nanosleep(&pause, nullptr);
  }
  return reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, name))(file);
}

}  // namespace

extern "C" int fsync(int file) { return slowly("fsync", file); }
extern "C" int fdatasync(int file) { return slowly("fdatasync", file); }

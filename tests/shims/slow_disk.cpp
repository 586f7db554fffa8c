// Preloaded into the program (LD_PRELOAD), makes its disk slow: while the file that SLOW_DISK names is there,
// each fsync() and fdatasync() takes 400 ms more.
#include <dlfcn.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace {

using Sync = int (*)(int);

int slowly(const char* name, int file) {
  const char* const flag = std::getenv("SLOW_DISK");
  if (flag != nullptr && ::access(flag, F_OK) == 0) {
    const timespec pause{.tv_sec = 0, .tv_nsec = 400'000'000};
    ::nanosleep(&pause, nullptr);
  }
  return reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, name))(file);
}

}  // namespace

extern "C" int fsync(int file) { return slowly("fsync", file); }
extern "C" int fdatasync(int file) { return slowly("fdatasync", file); }

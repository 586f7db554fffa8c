// SQLite's integrity check is one call without any callback, so the rests come from outside: a timer of
// processor time whose signal handler sleeps. What the signal interrupts is begun again (SA_RESTART).
#include "app/give_way.h"

#include <sys/resource.h>
#include <sys/time.h>

#include <cerrno>
#include <csignal>
#include <ctime>

namespace aforro::app {
namespace {

constexpr long kWorkMicros = 4'000;  // the kernel counts processor time in ticks of that length, or shorter
constexpr long kRestNanos = 8'000'000;

extern "C" void rest(int /*signal*/) {
  const int error = errno;
  const timespec how_long{.tv_sec = 0, .tv_nsec = kRestNanos};
  ::nanosleep(&how_long, nullptr);
  errno = error;
}

void rest_every(long micros) {
  const itimerval timer{.it_interval = {.tv_sec = 0, .tv_usec = micros},
                        .it_value = {.tv_sec = 0, .tv_usec = micros}};
  ::setitimer(ITIMER_PROF, &timer, nullptr);
}

}  // namespace

GivingWay::GivingWay() {
  ::setpriority(PRIO_PROCESS, 0, 19);
  struct sigaction action {};
  action.sa_handler = rest;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGPROF, &action, nullptr);
  rest_every(kWorkMicros);
}

GivingWay::~GivingWay() { rest_every(0); }

}  // namespace aforro::app

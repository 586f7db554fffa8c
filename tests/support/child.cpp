#include "support/child.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <system_error>

namespace aforro::test {
namespace {

constexpr int kThrew = 99;

[[noreturn]] void run(FunctionRef<int()> work) {
  const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  std::signal(SIGABRT, SIG_DFL);  // NOLINT: doctest's handler would report a failure
  const int said = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  int status = kThrew;
  try {
    status = work();
  } catch (const std::exception& fault) {
    ::dprintf(said, "the child threw: %s\n", fault.what());
  }
  ::_exit(status);
}

}  // namespace

int in_child(FunctionRef<int()> work) {
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) run(work);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool aborts(FunctionRef<void()> work) {
  return in_child([&] {
           work();
           return 0;
         }) == -SIGABRT;
}

}  // namespace aforro::test

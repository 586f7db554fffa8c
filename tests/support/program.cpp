#include "support/program.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "support/temporary_folder.h"

namespace aforro::test {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

constexpr std::string_view kOwnPid = "LISTEN_PID=(to be filled in)";

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> beginnings) {
  for (const std::string_view beginning : beginnings) {
    if (text.starts_with(beginning)) return true;
  }
  return false;
}

std::vector<std::string> child_environment(const Setting& setting) {
  std::vector<std::string> result;
  const auto is_set_anew = [&](std::string_view entry) {
    return std::any_of(setting.environment.begin(), setting.environment.end(),
                       [&](const auto& given) { return entry.starts_with(given.first + '='); });
  };
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!starts_with_any(*entry, {"AFORRO_", "DB_", "REDIS_", "CELERY_BROKER_URL=", "LISTEN_"}) &&
        !is_set_anew(*entry))
      result.emplace_back(*entry);
  }
  for (const auto& [name, value] : setting.environment) result.push_back(name + '=' + value);
  if (setting.handed_over >= 0) {
    if (!is_set_anew("LISTEN_FDS=")) result.emplace_back("LISTEN_FDS=1");
    if (!is_set_anew("LISTEN_PID=")) result.emplace_back(kOwnPid);
  }
  return result;
}

// A child learns its number only when it is one, where no memory can be had.
void fill_in_pid(const std::vector<char*>& environment) {
  for (char* const entry : environment) {
    if (entry == nullptr || kOwnPid != entry) continue;
    char* const begin = entry + kOwnPid.find('=') + 1;
    *std::to_chars(begin, entry + kOwnPid.size(), ::getpid()).ptr = '\0';
  }
}

bool hand_over(int descriptor) {
  if (descriptor == 3) return ::fcntl(3, F_SETFD, 0) == 0;
  return ::dup2(descriptor, 3) == 3;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::filesystem::path empty_folder() {
  static const TemporaryFolder folder;
  return folder.path();
}

// A file without a name, holding these bytes, to be read from its beginning.
int memory_file(std::string_view bytes) {
  const int file = ::memfd_create("aforro-test", MFD_CLOEXEC);
  if (file < 0) fail("memfd_create");
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0) fail("write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  ::lseek(file, 0, SEEK_SET);
  return file;
}

std::string contents(int file) {
  std::string result;
  char piece[16 * 1024];
  off_t offset = 0;
  for (;;) {
    const ssize_t got = ::pread(file, piece, sizeof piece, offset);
    if (got < 0) fail("pread");
    if (got == 0) return result;
    result.append(piece, static_cast<std::size_t>(got));
    offset += got;
  }
}

std::filesystem::path path_in(const char* variable) {
  const char* const path = std::getenv(variable);
  if (path == nullptr)
    throw std::runtime_error(std::string(variable) + " does not say which program to test");
  return std::filesystem::absolute(path);
}

std::vector<std::string> command_line(const std::vector<std::string>& arguments, const Setting& setting) {
  std::vector<std::string> result{(setting.program.empty() ? program_path() : setting.program).string()};
  result.insert(result.end(), arguments.begin(), arguments.end());
  return result;
}

}  // namespace

std::filesystem::path program_path() { return path_in("AFORRO_PROGRAM"); }

std::filesystem::path next_program_path() { return path_in("AFORRO_NEXT_PROGRAM"); }

Process::Process(const std::vector<std::string>& command, const Setting& setting, int in, int out, int err) {
  std::vector<std::string> arguments = command;
  std::vector<std::string> environment = child_environment(setting);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  const std::string folder = (setting.folder.empty() ? empty_folder() : setting.folder).string();
  const pid_t parent = ::getpid();

  // A signal meant for the program must not meet the test's own handlers, which the child has until it is the
  // program.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_ = ::fork();
  if (pid_ != 0) ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {  // nothing but plain system calls here: other threads may hold locks
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::setsid();
    if (setting.terminal >= 0 && ::ioctl(setting.terminal, TIOCSCTTY, 0) != 0) ::_exit(127);
    if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) ::_exit(127);
    if (setting.handed_over >= 0 && !hand_over(setting.handed_over)) ::_exit(127);
    ::close_range(setting.handed_over >= 0 ? 4 : 3, ~0U, 0);
    fill_in_pid(envp);
    if (::chdir(folder.c_str()) != 0) ::_exit(127);
    // Root passes over the permissions of files; what is tested has to meet them.
    ::prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);
    ::prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH);
    for (const Limit& limit : setting.limits) {
      const rlimit both{limit.value, limit.value};
      if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &both) != 0) ::_exit(127);
    }
    const int program = ::open(argv[0], O_PATH | O_CLOEXEC);
    if (setting.user) {
      if (::setgroups(0, nullptr) != 0 || ::setgid(*setting.user) != 0 || ::setuid(*setting.user) != 0)
        ::_exit(127);
      // Not by its name: another user may not be let into the folder that it is in.
      ::syscall(SYS_execveat, program, "", argv.data(), envp.data(), AT_EMPTY_PATH);
    }
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  // Not by its name: the header of glibc 2.36 that declares it does not speak C++.
  descriptor_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (descriptor_ < 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    fail("pidfd_open");
  }
}

Process::~Process() {
  if (!status_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(descriptor_);
}

void Process::signal(int number) const {
  if (!status_) ::kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::milliseconds timeout) {
  if (status_) return status_;
  pollfd ended{descriptor_, POLLIN, 0};
  const int got = ::poll(&ended, 1, static_cast<int>(timeout.count()));
  if (got <= 0) return std::nullopt;
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) fail("waitpid");
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return status_;
}

Program::Program(const std::vector<std::string>& arguments, const Setting& setting)
    : in_(setting.input ? memory_file(*setting.input) : ::open("/dev/null", O_RDONLY | O_CLOEXEC)),
      out_(memory_file("")),
      err_(memory_file("")),
      timeout_(setting.timeout),
      process_(command_line(arguments, setting), setting, in_, out_, err_) {}

Program::~Program() {
  for (const int file : {in_, out_, err_}) ::close(file);
}

std::string Program::out() const { return contents(out_); }

ProgramResult Program::finish() {
  const std::optional<int> status = process_.wait(timeout_);
  if (!status) throw std::runtime_error("the program did not end in time; it wrote: " + contents(err_));
  return {*status, contents(out_), contents(err_)};
}

ProgramResult run_program(const std::vector<std::string>& arguments, const Setting& setting) {
  return Program(arguments, setting).finish();
}

}  // namespace aforro::test

#include "support/postgres_process.h"

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace aforro::test {
namespace {

namespace fs = std::filesystem;

const passwd* other_user() {
  if (::getuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  if (user == nullptr) throw std::runtime_error("there is no user postgres to run the server as");
  return user;
}

std::vector<std::string> as_other_user(std::vector<std::string> command) {
  if (other_user() == nullptr) return command;
  // The signal is set anew, since changing the user forgets it.
  std::vector<std::string> result{"/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups",
                                  "--pdeathsig=KILL"};
  result.insert(result.end(), command.begin(), command.end());
  return result;
}

void give_to(const passwd& user, const fs::path& path) {
  if (::lchown(path.c_str(), user.pw_uid, user.pw_gid) != 0) {
    throw std::system_error(errno, std::generic_category(), "lchown");
  }
}

}  // namespace

std::unique_ptr<Process> launch_as_postgres(std::vector<std::string> command, const fs::path& folder) {
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int log = ::open((folder / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  auto process = std::make_unique<Process>(as_other_user(std::move(command)), Setting{.folder = folder},
                                           nothing, log, log);
  ::close(nothing);
  ::close(log);
  return process;
}

void give_to_postgres(const fs::path& path) {
  const passwd* const user = other_user();
  if (user == nullptr) return;
  give_to(*user, path);
  if (!fs::is_directory(path)) return;
  for (const auto& entry : fs::recursive_directory_iterator(path)) give_to(*user, entry.path());
}

}  // namespace aforro::test

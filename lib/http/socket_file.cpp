// bind() makes the file, and takes none that is there, so what a server that was killed has left behind must
// be removed first. Whether it is left behind only connect() can tell, and between that answer and the
// removal another server may do the same: of two that start at one moment the second would remove the file of
// the first, which then listens where nobody finds it. So all of it is done under a lock (flock(2) on a file
// beside the socket). It is held from before bind() until the socket listens, since before that connect() is
// refused as it is where nobody listens.
//
// The lock is no lock on the folder, which everybody may take who may read the folder, and keep. Its file
// goes with it. One that was opened before the last holder has removed it is no lock any more, so whoever
// gets the lock looks whether its file is still there.
//
// Who may connect is asked when connect() has found the file, whether the socket listens only after that. So
// it is not enough to set the mode between bind() and listen(): the file must be made with it. The umask
// would do that, but all threads share it. On Linux the file gets the mode of the socket, less the umask, so
// bind_to_file() sets that first, and what the umask took is added before listen().
#include "http/socket_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>

#include "base/descriptor.h"
#include "base/problem.h"
#include "base/shortage.h"
#include "http/sockets.h"

namespace aforro::http {
namespace {

constexpr std::size_t kMaxPathBytes = sizeof(sockaddr_un::sun_path) - 1;
constexpr const char* kLockSuffix = ".aforro-lock";
constexpr std::chrono::seconds kLockPatience{2};
constexpr int kTries = 3;  // at a path that others keep making and removing

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Problem(Problem::Kind::conflict, "can't listen on unix:" + path + ": " + why);
}

[[noreturn]] void refuse(const std::string& path, const std::string& what, int error_number) {
  if (const std::string_view shortage = shortage_of(error_number); !shortage.empty())
    throw Shortage(shortage);
  refuse(path, what + error_text(error_number));
}

// A folder of the path may be a symbolic link, so ".." stays.
std::string in_full(const std::string& path) {
  std::error_code unknown;  // as in a folder that has been removed
  const std::filesystem::path full = std::filesystem::absolute(path, unknown);
  return unknown ? path : full.string();
}

bool is_same_file(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

// The right to make the file of a socket, or to replace it.
class PathLock {
 public:
  explicit PathLock(const std::string& path) : name_(path + kLockSuffix) {
    while (!take(path)) {
    }
  }
  PathLock(const PathLock&) = delete;
  PathLock& operator=(const PathLock&) = delete;
  ~PathLock() {
    ::unlink(name_.c_str());
    ::close(file_);
  }

 private:
  // False if the last holder has removed the file that was opened.
  bool take(const std::string& path) {
    file_ = ::open(name_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (file_ < 0) refuse(path, "can't make " + name_ + ": ", errno);
    const int locked = lock();
    struct stat taken {};
    struct stat there {};
    if (locked == 0 && ::fstat(file_, &taken) == 0 && ::lstat(name_.c_str(), &there) == 0 &&
        is_same_file(taken, there))
      return true;
    const int error = errno;
    ::close(file_);
    if (locked != 0 && error == EWOULDBLOCK) refuse(path, "another program keeps " + name_ + " locked");
    if (locked != 0) refuse(path, "can't lock " + name_ + ": ", error);
    return false;
  }

  // A server has it for microseconds; whoever keeps it must not keep others from telling so.
  int lock() const {
    const auto until = std::chrono::steady_clock::now() + kLockPatience;
    for (;;) {
      const int locked = ::flock(file_, LOCK_EX | LOCK_NB);
      if (locked == 0 || (errno != EWOULDBLOCK && errno != EINTR)) return locked;
      if (std::chrono::steady_clock::now() >= until) return locked;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  const std::string name_;
  int file_ = -1;
};

// What connect() says of the socket at the address: 0 if it is listened at, else an error.
int try_to_connect(const sockaddr_un& address) {
  const Descriptor client(open_stream_socket(AF_UNIX));
  if (client.get() < 0) return errno;
  return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0
                                                                                                   : errno;
}

// Removes a socket at which nobody listens; refuses if it is anything else.
void make_room(const std::string& path, const sockaddr_un& address) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) != 0) {
    if (errno == ENOENT) return;
    refuse(path, "", errno);
  }
  if (!S_ISSOCK(there.st_mode)) refuse(path, "it is there already, and is no socket");
  switch (const int error = try_to_connect(address)) {
    case 0:
    case EAGAIN:  // it has more clients waiting than it admits
      refuse(path, "another server listens there");
    case EPROTOTYPE:
      refuse(path, "another program has a socket of another kind there");
    case ENOENT:
      return;
    case ECONNREFUSED:
      if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        refuse(path, "a socket at which nobody listens can't be removed: ", errno);
      return;
    default:
      refuse(path, "whether another server listens there can't be told: ", error);
  }
}

void bind_to(int socket, const std::string& path, const sockaddr_un& address, unsigned mode) {
  for (int i = 0; i < kTries; ++i) {
    if (bind_to_file(socket, address, mode) == 0) return;
    if (errno != EADDRINUSE) break;
    make_room(path, address);
  }
  refuse(path, "", errno);
}

}  // namespace

SocketFile::SocketFile(int socket, const std::string& path, unsigned mode, int backlog)
    : path_(in_full(path)) {
  if (path.size() > kMaxPathBytes) {
    refuse(path_, "the path of a socket may have " + std::to_string(kMaxPathBytes) +
                      " bytes, and this one has " + std::to_string(path.size()));
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, kMaxPathBytes);

  const PathLock lock(path_);
  bind_to(socket, path_, address, mode);
  // From here on the file is ours, and has to go if it can't be had as wanted.
  struct stat made {};
  int error = ::lstat(path_.c_str(), &made) == 0 ? 0 : errno;
  if (error == 0) {
    device_ = made.st_dev;
    inode_ = made.st_ino;
    // Not through a symbolic link that somebody may have put there meanwhile.
    if (::fchmodat(AT_FDCWD, path_.c_str(), mode, AT_SYMLINK_NOFOLLOW) != 0) error = errno;
  }
  if (error == 0 && ::listen(socket, backlog) != 0) error = errno;
  if (error == 0) return;
  remove();
  refuse(path_, "", error);
}

SocketFile::~SocketFile() { remove(); }

void SocketFile::remove() const noexcept {
  struct stat there {};
  if (::lstat(path_.c_str(), &there) == 0 && there.st_dev == device_ && there.st_ino == inode_)
    ::unlink(path_.c_str());
}

}  // namespace aforro::http

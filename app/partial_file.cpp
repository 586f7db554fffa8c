#include "app/partial_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "base/problem.h"
#include "base/shortage.h"
#include "base/system.h"

namespace aforro::app {
namespace {

constexpr std::array kEnding{SIGINT, SIGTERM, SIGHUP};

// For the signal handler, which knows nothing else: the name of the file to remove.
std::atomic<const char*> partial_name = nullptr;
static_assert(std::atomic<const char*>::is_always_lock_free);

extern "C" void remove_and_end(int signal) {
  if (const char* const name = partial_name.exchange(nullptr)) ::unlink(name);
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

// A signal that is ignored, as SIGHUP under nohup, stays so.
void remove_on_signals(const char* name) {
  partial_name = name;
  for (const int signal : kEnding) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = remove_and_end;
    ::sigaction(signal, &action, nullptr);
  }
}

bool is_same_file(int descriptor, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(descriptor, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

void sync_folder_of(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // one that can be written but not read
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

PartialFile::PartialFile(std::filesystem::path target)
    : target_(std::move(target)), path_(target_.string() + ".aforro-partial") {
  assert(partial_name == nullptr && "one at a time");
  const SignalsHeld held;  // until it is known what to remove
  for (;;) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor_ < 0) refuse(errno);
    // If another process has it locked, that process is writing it. One that has finished meanwhile has taken
    // the name away, so it is opened again.
    const bool is_locked = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    if (is_locked && is_same_file(descriptor_, path_)) break;
    ::close(descriptor_);
    if (!is_locked) {
      throw Problem(Problem::Kind::conflict, "another process is writing " + target_.string() + " just now");
    }
  }
  remove_on_signals(path_.c_str());
  struct stat status {};
  const bool is_plain = ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1;
  if (is_plain && ::fchmod(descriptor_, 0600) == 0 && ::ftruncate(descriptor_, 0) == 0) return;
  partial_name = nullptr;
  ::close(descriptor_);
  throw Problem(Problem::Kind::conflict, path_.string() + " is in the way");
}

PartialFile::~PartialFile() {
  partial_name = nullptr;
  if (is_ours_) ::unlink(path_.c_str());
  ::close(descriptor_);
}

void PartialFile::refuse(int error) const {
  const std::string folder = target_.has_parent_path() ? target_.parent_path().string() : ".";
  throw Problem(Problem::Kind::conflict,
                target_.string() + " can't be written: " +
                    (error == ENOENT ? "there is no folder " + folder : error_text(error)));
}

void PartialFile::reserve(std::uint64_t bytes) const {
  if (set_aside(descriptor_, 0, bytes) == 0) return;
  if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) refuse(errno);
}

void PartialFile::write_out(std::uint64_t written_bytes) {
  if (written_bytes <= written_out_) return;
  // Not sync_file_range(2), which leaves the data in the disk's own cache: the next process that syncs, such
  // as a server its log, would wait until all of it is written. The system reports a fault once: to this
  // call, not to sync().
  if (::fdatasync(descriptor_) != 0) refuse(errno);
  ::posix_fadvise(descriptor_, static_cast<off_t>(written_out_),
                  static_cast<off_t>(written_bytes - written_out_), POSIX_FADV_DONTNEED);
  written_out_ = written_bytes;
}

void PartialFile::resemble(const std::filesystem::path& other) const {
  struct stat status {};
  if (::stat(other.c_str(), &status) != 0) return;
  // The owner first: giving a file away takes some of its permissions. Only root may; else it is ours.
  if (::fchown(descriptor_, status.st_uid, status.st_gid) != 0 && errno != EPERM) refuse(errno);
  if (::fchmod(descriptor_, status.st_mode & 0777) != 0) refuse(errno);
}

void PartialFile::sync() const {
  if (::fsync(descriptor_) != 0) refuse(errno);
}

void PartialFile::finish(Existing existing) {
  int outcome = existing == Existing::refuse ? rename_to_new(path_.c_str(), target_.c_str())
                                             : ::rename(path_.c_str(), target_.c_str());
  if (outcome != 0 && errno == EINVAL && existing == Existing::refuse) {  // not every file system can
    outcome = ::link(path_.c_str(), target_.c_str());
    if (outcome == 0) ::unlink(path_.c_str());
  }
  if (outcome != 0) refuse(errno);
  disown();
  sync_folder_of(target_);
}

void PartialFile::disown() {
  partial_name = nullptr;
  is_ours_ = false;
}

SignalsHeld::SignalsHeld() {
  sigset_t held{};
  sigemptyset(&held);
  for (const int signal : kEnding) sigaddset(&held, signal);
  ::pthread_sigmask(SIG_BLOCK, &held, &before_);
}

SignalsHeld::~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace aforro::app

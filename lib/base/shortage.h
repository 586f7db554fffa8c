// Want of memory, threads or file descriptors: nothing is broken, and an operator can give the process more.
// Tells such faults apart from all others, and says in one line what to raise.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "base/problem.h"

namespace aforro {

// Constants, so that they can be said when there is no memory.
inline constexpr std::string_view kOutOfMemory =
    "out of memory: free some, or raise the limit (ulimit -v, or the container's)";
inline constexpr std::string_view kOutOfDescriptors =
    "out of file descriptors: raise the limit (ulimit -n; LimitNOFILE= of systemd)";
inline constexpr std::string_view kSystemOutOfDescriptors =
    "the system is out of file descriptors: raise fs.file-max";
inline constexpr std::string_view kOutOfThreads =
    "no thread can be started: raise the limit on processes (ulimit -u; TasksMax= of systemd; the container's"
    " pids limit), or on memory, which their stacks take (ulimit -v)";

// Thrown where a library says so by a code of its own.
class Shortage : public Unavailable {
 public:
  explicit Shortage(std::string_view what) : Unavailable(std::string(what)) {}
};

// What is short, by the number of a system call's error (EMFILE, ENFILE, ENOMEM); empty for any other.
std::string_view shortage_of(int error_number) noexcept;

// What is short by an exception: std::bad_alloc, or std::system_error of a thread or a descriptor that could
// not be had. Empty for any other, and for Shortage, which says it itself.
std::string_view shortage_of(const std::exception& fault) noexcept;

// The error of a system call in words; of a shortage, in those that say what to raise.
std::string error_text(int error_number);

// Whether the process is at the end of its descriptors, or a few before it: for libraries that tell, some
// time later, only that a file could not be opened.
std::string_view shortage_of_descriptors() noexcept;

}  // namespace aforro

// What this program asks of the system and POSIX has no way for: by Linux's own calls (system_linux.cpp), or
// by what comes nearest on any other (system_posix.cpp, -DAFORRO_EPOLL=OFF). What returns an int returns 0,
// or -1 with errno set. Safe from any thread. The same of sockets is in http/sockets.h.
#pragma once

#include <cstdint>
#include <string>

namespace aforro {

// Renames unless something has that name (then EEXIST). On a file system that can't do it in one step EINVAL.
//
// POSIX: the file has both names for a moment, and keeps them after a crash in it.
int rename_to_new(const char* from, const char* to) noexcept;

// Gives two files each other's names in one step. On a file system that can't EINVAL.
//
// POSIX: `there` is one of the two files at any moment, but a crash may leave a third name,
// `there`.aforro-exchanged, for the one that it was.
int exchange(const char* here, const char* there) noexcept;

// Sets room aside for the bytes [offset, offset + size) of a file, and leaves its size as it is. EOPNOTSUPP
// where the file system can't.
//
// POSIX: only looks whether there is as much room now (else ENOSPC, EFBIG).
int set_aside(int descriptor, std::uint64_t offset, std::uint64_t size) noexcept;

// Whether something is mounted on the file itself. POSIX: false, nobody can tell.
bool is_mount_point(int descriptor) noexcept;

// Tells a file from all that have been in its place, and on its file system, by what lasts as long as it
// does; empty if there is none. POSIX: one that is gone may have had the same.
std::string file_mark(const char* path);

// What this machine calls itself.
std::string name_of_host();

// Opens something that is always there and that nothing is done with, to see whether a descriptor can be had.
int open_probe() noexcept;

// From now on the other end of a TCP connection may take that many milliseconds to acknowledge bytes, or to
// take more of them, before the connection counts as lost; 0: as many as the system's own rule has. Returns
// how many it were so far. Of any other socket nothing changes, and the result means nothing.
//
// POSIX: likewise nothing, the system's own rule it is.
int exchange_peer_timeout(int socket, int milliseconds) noexcept;

// Has large pieces of memory, such as the bodies of answers, mapped each for itself, so that they go back to
// the system when they are freed. glibc by itself keeps them, after the first few, among the small ones,
// where the holes that they leave stay ours. POSIX: left to the library.
void return_large_memory() noexcept;

}  // namespace aforro

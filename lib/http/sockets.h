// What the sockets of this server ask of the system and POSIX has no way for, or needs several calls for: by
// Linux's own (sockets_linux.cpp), or by what comes nearest on any other (sockets_posix.cpp,
// -DAFORRO_EPOLL=OFF). What returns an int returns -1 with errno set for a fault. Safe from any thread.
//
// MSG_DONTWAIT and flock(2), which are used elsewhere, are not in POSIX but on every system that is left.
#pragma once

#include <sys/un.h>

#include <cstdint>

namespace aforro::http {

// A stream socket of that family, and the next client of one that listens: both non-blocking, and closed when
// another program is run. POSIX: a program that is run in the moment between two calls gets it, too.
int open_stream_socket(int family) noexcept;
int accept_client(int listening) noexcept;

// Binds a Unix socket to its path, and makes the file with that mode, less the umask. POSIX: by the umask,
// which all threads share; what another one makes in that moment has fewer permissions.
int bind_to_file(int socket, const sockaddr_un& address, unsigned mode) noexcept;

// Has the kernel take no more of what is sent by TCP than that beyond what the client lets it send. POSIX: no
// more than that in all.
void bound_unsent(int socket, int bytes) noexcept;

// How many of the bytes that were given to the kernel it still holds. POSIX: 0, nobody can tell.
std::uint64_t unacknowledged_bytes(int socket) noexcept;

// Whether the client has ended its side, or is gone. POSIX: not noticed as long as bytes that it has sent
// wait to be read.
bool has_peer_left(int socket) noexcept;

}  // namespace aforro::http

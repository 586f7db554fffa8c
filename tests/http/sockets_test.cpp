#include "http/sockets.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "base/descriptor.h"
#include "base/event.h"
#include "support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using aforro::Descriptor;
using aforro::Event;
using aforro::test::TemporaryFolder;

bool waits_for_nobody(int socket) { return (::fcntl(socket, F_GETFL) & O_NONBLOCK) != 0; }
bool is_closed_by_exec(int socket) { return (::fcntl(socket, F_GETFD) & FD_CLOEXEC) != 0; }

bool is_readable(int descriptor) {
  pollfd one{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&one, 1, 0) == 1;
}

// Two ends of a connection through a file of that mode.
struct Pair {
  explicit Pair(const TemporaryFolder& folder, unsigned mode = 0600) {
    const std::string path = folder / "socket";
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(aforro::http::bind_to_file(listening.get(), address, mode) == 0);
    REQUIRE(::listen(listening.get(), 1) == 0);
  }
  int connect() const {
    return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  sockaddr_un address{};
  Descriptor listening{aforro::http::open_stream_socket(AF_UNIX)};
  Descriptor client{aforro::http::open_stream_socket(AF_UNIX)};
};

TEST_CASE("sockets wait for nobody, and no other program gets them") {
  const TemporaryFolder folder;
  const Pair pair(folder);
  CHECK(aforro::http::accept_client(pair.listening.get()) == -1);
  CHECK(errno == EAGAIN);
  REQUIRE(pair.connect() == 0);
  const Descriptor accepted(aforro::http::accept_client(pair.listening.get()));
  REQUIRE(accepted.get() >= 0);
  for (const int socket : {pair.listening.get(), accepted.get()}) {
    CHECK(waits_for_nobody(socket));
    CHECK(is_closed_by_exec(socket));
  }
}

TEST_CASE("the file of a socket never has more permissions than were asked for, nor than the umask leaves") {
  for (const unsigned mode : {0600U, 0660U, 0666U, 0U}) {
    CAPTURE(mode);
    const TemporaryFolder folder;
    const mode_t before = ::umask(0022);
    const Pair pair(folder, mode);
    const mode_t after = ::umask(before);
    CHECK(after == 0022);
    CHECK(static_cast<unsigned>(fs::status(folder / "socket").permissions()) == (mode & ~0022U));
  }
}

TEST_CASE("a peer that has ended its side has left") {
  const TemporaryFolder folder;
  const Pair pair(folder);
  REQUIRE(pair.connect() == 0);
  const Descriptor accepted(aforro::http::accept_client(pair.listening.get()));
  CHECK(!aforro::http::has_peer_left(accepted.get()));
  ::shutdown(pair.client.get(), SHUT_WR);
  CHECK(aforro::http::has_peer_left(accepted.get()));
}

TEST_CASE("an event is there from when it is set, however often, until it is cleared") {
  const Event event;
  CHECK(!is_readable(event.descriptor()));
  for (int i = 0; i < 100'000; ++i) event.set();  // more than a pipe holds
  CHECK(is_readable(event.descriptor()));
  event.clear();
  CHECK(!is_readable(event.descriptor()));
  event.set();
  CHECK(is_readable(event.descriptor()));
}

}  // namespace

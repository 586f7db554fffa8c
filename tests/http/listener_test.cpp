#include "http/listener.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/descriptor.h"
#include "base/function_ref.h"
#include "base/problem.h"
#include "support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using namespace aforro::http;  // NOLINT: all of it is under test
using aforro::Descriptor;
using aforro::FunctionRef;
using aforro::Problem;
using aforro::test::read_file;
using aforro::test::TemporaryFolder;

UnixAddress at(const fs::path& path, unsigned mode = 0660) { return {.path = path, .mode = mode}; }

sockaddr_un address_of(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

Descriptor bound_socket(const fs::path& path, int type = SOCK_STREAM) {
  Descriptor socket(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  const sockaddr_un address = address_of(path);
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return socket;
}

// 0, or the error.
int connecting(const fs::path& path) {
  const Descriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = address_of(path);
  return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0
                                                                                                   : errno;
}

// Why it can't be listened there; empty if it can.
std::string refusal(const ListenAddress& address) {
  try {
    const Listener listener(address);
    return {};
  } catch (const Problem& problem) {
    CHECK(problem.kind() == Problem::Kind::conflict);
    return problem.what();
  }
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

ino_t inode_of(const fs::path& path) {
  struct stat there {};
  return ::lstat(path.c_str(), &there) == 0 ? there.st_ino : 0;
}

int files_in(const TemporaryFolder& folder) {
  return static_cast<int>(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
}

TEST_CASE("a socket's file has its mode whatever the umask, and goes with its listener") {
  const TemporaryFolder folder;
  const fs::path path = folder / "aforro.sock";
  const mode_t before = ::umask(0);
  for (const mode_t umask : {0U, 022U, 077U, 0777U}) {
    for (const unsigned mode : {0660U, 0600U, 0666U, 0777U, 0U}) {
      CAPTURE(umask);
      CAPTURE(mode);
      ::umask(umask);
      const Listener listener(at(path, mode));
      struct stat made {};
      REQUIRE(::lstat(path.c_str(), &made) == 0);
      CHECK(S_ISSOCK(made.st_mode));
      CHECK((made.st_mode & 07777U) == mode);
    }
    CHECK(files_in(folder) == 0);
  }
  ::umask(before);
}

// Whether another user gets to connect while `listen` makes listeners there, trying all the time.
bool another_user_connects(const fs::path& path, FunctionRef<void()> listen) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  Descriptor read_end(ends[0]);
  auto write_end = std::make_unique<Descriptor>(ends[1]);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[1]);
    if (::setgid(65'534) != 0 || ::setuid(65'534) != 0) ::_exit(2);
    pollfd end{.fd = ends[0], .events = POLLIN, .revents = 0};
    while (::poll(&end, 1, 0) == 0) {
      if (connecting(path) == 0) ::_exit(1);
    }
    ::_exit(0);
  }
  listen();
  write_end.reset();
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) != 2);
  return WEXITSTATUS(status) == 1;
}

TEST_CASE("there is no moment in which more may connect than the mode says") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can become another user");
    return;
  }
  const TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms(0755));
  const fs::path path = folder / "aforro.sock";
  const mode_t before = ::umask(0);
  const auto listens_with = [&](unsigned mode) {
    return another_user_connects(path, [&] {
      for (int i = 0; i < 5'000; ++i) const Listener listener(at(path, mode));
    });
  };
  CHECK(!listens_with(0600));
  CHECK(!listens_with(0660));
  CHECK(listens_with(0666));
  ::umask(before);
}

TEST_CASE("a socket is reached by its path, which is told in full") {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  {
    Listener listener(UnixAddress{.path = "aforro.sock"});
    CHECK(to_string(listener.address()) == "unix:" + (folder / "aforro.sock").string());
    CHECK(connecting(folder / "aforro.sock") == 0);
    const Listener::Accepted accepted = listener.accept();
    CHECK(Descriptor(accepted.socket).get() >= 0);
    CHECK(listener.accept().fault == Listener::Fault::none_waiting);
  }
  fs::current_path(before);
}

TEST_CASE("where a server listens no other takes the socket, and its file stays") {
  const TemporaryFolder folder;
  const fs::path path = folder / "aforro.sock";
  const Listener listener(at(path));
  const ino_t inode = inode_of(path);
  for (int i = 0; i < 3; ++i) CHECK(has(refusal(at(path)), "another server listens there"));
  CHECK(inode_of(path) == inode);
  CHECK(connecting(path) == 0);
  CHECK(files_in(folder) == 1);
}

TEST_CASE("a server with as many clients waiting as it admits is there all the same") {
  const TemporaryFolder folder;
  const fs::path path = folder / "aforro.sock";
  const Descriptor other = bound_socket(path);
  REQUIRE(::listen(other.get(), 0) == 0);
  const sockaddr_un address = address_of(path);
  std::vector<Descriptor> clients;
  for (int error = 0; error == 0;) {
    clients.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto* const to = reinterpret_cast<const sockaddr*>(&address);
    error = ::connect(clients.back().get(), to, sizeof address) == 0 ? 0 : errno;
  }
  CHECK(has(refusal(at(path)), "another server listens there"));
  CHECK(fs::exists(path));
}

TEST_CASE("a socket at which nobody listens any more is replaced") {
  const TemporaryFolder folder;
  const fs::path path = folder / "aforro.sock";
  { const Descriptor killed = bound_socket(path); }
  CHECK(connecting(path) == ECONNREFUSED);
  {
    const Listener listener(at(path, 0600));
    CHECK(connecting(path) == 0);
    CHECK((fs::status(path).permissions() & fs::perms::all) == fs::perms(0600));
  }
  CHECK(files_in(folder) == 0);
}

TEST_CASE("what is no socket of a server is refused and left as it is") {
  const TemporaryFolder folder;
  const fs::path file = folder.write("file", "precious");
  fs::create_directory(folder / "folder");
  fs::create_symlink(file, folder / "link");
  fs::create_symlink(folder / "nothing", folder / "dangling");
  { const Descriptor killed = bound_socket(folder / "stale"); }
  fs::create_symlink(folder / "stale", folder / "link-to-stale");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const int files = files_in(folder);
  for (const char* const name : {"file", "folder", "link", "dangling", "link-to-stale", "pipe"}) {
    CAPTURE(name);
    CHECK(has(refusal(at(folder / name)), "it is there already, and is no socket"));
  }
  CHECK(files_in(folder) == files);
  CHECK(read_file(file) == "precious");
  CHECK(fs::is_symlink(folder / "dangling"));
  CHECK(!fs::exists(folder / "nothing"));

  const Descriptor datagrams = bound_socket(folder / "log", SOCK_DGRAM);
  CHECK(has(refusal(at(folder / "log")), "a socket of another kind"));
  CHECK(fs::exists(folder / "log"));
}

TEST_CASE("a folder that is a symbolic link is followed") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "real");
  fs::create_directory_symlink(folder / "real", folder / "link");
  const Listener listener(at(folder / "link/../link/aforro.sock"));
  CHECK(connecting(folder / "real/aforro.sock") == 0);
}

TEST_CASE("a path that is too long for a socket, or in no folder, is refused with words") {
  const TemporaryFolder folder;
  const std::string base = (folder / "").string();
  const std::string longest = base + std::string(107 - base.size(), 'x');
  CHECK(refusal(at(longest)).empty());
  for (const std::string& path : {longest + "x", longest + std::string(5'000, 'x')}) {
    CHECK(has(refusal(at(path)), "may have 107 bytes"));
    CHECK(has(refusal(at(path)), "this one has " + std::to_string(path.size())));
  }
  CHECK(has(refusal(at(folder / "no/aforro.sock")), "No such file or directory"));
  CHECK(has(refusal(at(folder.write("file", "") / "aforro.sock")), "Not a directory"));
  fs::create_directory(folder / "folder");
  CHECK(!refusal(at(folder / "folder/")).empty());
  CHECK(!refusal(at(folder / "new/")).empty());
  CHECK(files_in(folder) == 2);
}

TEST_CASE("a file that took the place of the socket is not removed with the listener") {
  const TemporaryFolder folder;
  const fs::path path = folder / "aforro.sock";
  {
    const Listener listener(at(path));
    fs::remove(path);
    folder.write("aforro.sock", "precious");
  }
  CHECK(read_file(path) == "precious");
  fs::remove(path);
  auto first = std::make_unique<Listener>(at(path));
  fs::rename(path, folder / "moved.sock");
  const Listener second(at(path));
  first.reset();
  CHECK(connecting(path) == 0);
}

TEST_CASE("of servers that start at one moment one gets the socket, stale or not, and keeps it") {
  constexpr int kServers = 8;
  const TemporaryFolder folder;
  const fs::path path = folder / "aforro.sock";
  for (int round = 0; round < 100; ++round) {
    CAPTURE(round);
    if (round % 2 == 0) const Descriptor killed = bound_socket(path);
    std::atomic<int> ready = 0;
    std::array<std::unique_ptr<Listener>, kServers> listeners;
    std::vector<std::thread> threads;
    threads.reserve(kServers);
    for (auto& listener : listeners) {
      threads.emplace_back([&] {
        ++ready;
        while (ready < kServers) {
        }
        try {
          listener = std::make_unique<Listener>(at(path));
        } catch (const Problem&) {  // another was first
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    int listening = 0;
    for (const auto& listener : listeners) {
      if (listener == nullptr) continue;
      ++listening;
      CHECK(connecting(path) == 0);
      CHECK(Descriptor(listener->accept().socket).get() >= 0);  // it is the one that is reached
    }
    CHECK(listening == 1);
    CHECK(files_in(folder) == 1);
  }
  CHECK(files_in(folder) == 0);
}

TEST_CASE("a lock that a killed server has left keeps nobody out") {
  const TemporaryFolder folder;
  folder.write("aforro.sock.aforro-lock", "");
  { const Listener listener(at(folder / "aforro.sock")); }
  CHECK(files_in(folder) == 0);
}

TEST_CASE("a lock that another program keeps is told of, and not waited for") {
  const TemporaryFolder folder;
  const auto lock = folder / "aforro.sock.aforro-lock";
  const Descriptor kept(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(::flock(kept.get(), LOCK_EX) == 0);
  CHECK(refusal(at(folder / "aforro.sock")).find("another program keeps " + lock.string()) !=
        std::string::npos);
  CHECK(files_in(folder) == 1);  // the lock is not ours to remove
}

// --- What another program has opened ---

Descriptor tcp_socket(int type = SOCK_STREAM) {
  Descriptor socket(::socket(AF_INET, type, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return socket;
}

int tcp_option(int socket, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(socket, IPPROTO_TCP, name, &value, &size) == 0);
  return value;
}

TEST_CASE("a TCP socket that was handed over is served, clients that came before among it") {
  const Descriptor handed_over = tcp_socket();
  REQUIRE(::listen(handed_over.get(), 10) == 0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(handed_over.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  const Descriptor early(::socket(AF_INET, SOCK_STREAM, 0));
  REQUIRE(::connect(early.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);

  Listener listener(InheritedSocket{::dup(handed_over.get())});

  CHECK(to_string(listener.address()) == "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  CHECK((::fcntl(listener.descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
  const Descriptor accepted(listener.accept().socket);
  REQUIRE(accepted.get() >= 0);
  CHECK(tcp_option(accepted.get(), TCP_NODELAY) == 1);
  CHECK(tcp_option(accepted.get(), TCP_NOTSENT_LOWAT) == 64 * 1024);
  CHECK(listener.accept().fault == Listener::Fault::none_waiting);  // at once
}

TEST_CASE("the connections of a port of our own have their options too") {
  Listener listener(TcpAddress{.port = 0});
  sockaddr_in address{};
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(listener.descriptor(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  const Descriptor client(::socket(AF_INET, SOCK_STREAM, 0));
  REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  const Descriptor accepted(listener.accept().socket);
  CHECK(tcp_option(accepted.get(), TCP_NODELAY) == 1);
  CHECK(tcp_option(accepted.get(), TCP_NOTSENT_LOWAT) == 64 * 1024);
}

TEST_CASE("the file of a Unix socket that was handed over stays when the listener goes") {
  const TemporaryFolder folder;
  const fs::path path = folder / "handed.sock";
  const Descriptor handed_over = bound_socket(path);
  REQUIRE(::listen(handed_over.get(), 10) == 0);
  {
    Listener listener(InheritedSocket{::dup(handed_over.get())});
    CHECK(to_string(listener.address()) == "unix:" + path.string());
    CHECK(connecting(path) == 0);
    CHECK(Descriptor(listener.accept().socket).get() >= 0);
  }
  CHECK(fs::exists(path));
  CHECK(connecting(path) == 0);
}

TEST_CASE("a socket without a file is told as others write it") {
  const std::string name = "aforro-test-" + std::to_string(::getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, name.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(socket.get(), 1) == 0);
  const Listener listener(InheritedSocket{::dup(socket.get())});
  CHECK(to_string(listener.address()) == "unix:@" + name);
}

TEST_CASE("what was handed over and can't be served is refused with words") {
  const TemporaryFolder folder;
  const auto handing_over = [](int descriptor) { return refusal(InheritedSocket{descriptor}); };
  CHECK(has(handing_over(-1), "Bad file descriptor"));
  const Descriptor file(::open(folder.write("file", "").c_str(), O_RDONLY));
  CHECK(has(handing_over(file.get()), "Socket operation on non-socket"));
  const Descriptor datagrams = tcp_socket(SOCK_DGRAM);
  CHECK(has(handing_over(datagrams.get()), "no stream socket"));
  const Descriptor bound = tcp_socket();
  CHECK(has(handing_over(bound.get()), "does not listen"));
  std::array<int, 2> pair{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0);
  const Descriptor one(pair[0]);
  const Descriptor other(pair[1]);
  CHECK(has(handing_over(one.get()), "Accept=yes"));
  const Descriptor packets = bound_socket(folder / "packets", SOCK_SEQPACKET);
  REQUIRE(::listen(packets.get(), 1) == 0);
  CHECK(has(handing_over(packets.get()), "no stream socket"));
  for (const Descriptor* const left : {&file, &datagrams, &bound, &one, &packets})
    CHECK(::fcntl(left->get(), F_GETFD) >= 0);  // is not closed either
}

}  // namespace

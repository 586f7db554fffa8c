#include "http/spool.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/problem.h"
#include "base/unnamed_file.h"
#include "support/disk_folder.h"
#include "support/refusal.h"

using namespace aforro::http;
using aforro::test::DiskFolder;
using aforro::test::problem_of;
using aforro::test::status_of;

namespace {

// While it lives, no file can be written past that size: the system then refuses with EFBIG.
class LimitedFileSize {
 public:
  explicit LimitedFileSize(rlim_t bytes) : before_handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  LimitedFileSize(const LimitedFileSize&) = delete;
  LimitedFileSize& operator=(const LimitedFileSize&) = delete;
  ~LimitedFileSize() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, before_handler_);
  }

 private:
  rlimit before_{};
  void (*const before_handler_)(int);
};

}  // namespace

TEST_CASE("what was appended is read from any place, and the file has no name") {
  const DiskFolder folder;
  Spool spool({.folder = folder.path()});
  const auto body = spool.open(0);
  body->append("hello ");
  body->append("");
  body->append("world");
  CHECK(body->size() == 11);
  CHECK(body->read(0, 100) == "hello world");
  CHECK(body->read(4, 3) == "o w");
  CHECK(body->read(10, 3) == "d");
  CHECK(body->read(11, 3).empty());
  CHECK(body->read(99, 3).empty());
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("bodies count as long as they are there, and together take no more than the bound") {
  const DiskFolder folder;
  Spool spool({.folder = folder.path(), .max_bytes = 100});
  auto one = spool.open(60);
  CHECK(spool.held_bytes() == 0);  // what is announced takes nothing
  one->append(std::string(60, 'a'));
  const auto other = spool.open(40);
  other->append(std::string(30, 'b'));
  CHECK(spool.held_bytes() == 90);
  CHECK(status_of([&] { other->append(std::string(11, 'b')); }) == 503);
  CHECK(spool.held_bytes() == 90);
  CHECK(status_of([&] { spool.open(11); }) == 503);
  CHECK(status_of([&] { spool.open(101); }) == 413);
  one.reset();
  CHECK(spool.held_bytes() == 30);
  other->append(std::string(70, 'b'));
  CHECK(status_of([&] { other->append("b"); }) == 413);  // it would not fit alone
  CHECK(other->size() == 100);
}

TEST_CASE("what the disk does not take is refused, and counts no longer when its body goes") {
  const DiskFolder folder;
  Spool spool({.folder = folder.path()});
  {
    const auto body = spool.open(0);
    const LimitedFileSize limited(1'000);
    body->append(std::string(900, 'a'));
    CHECK_THROWS_AS(body->append(std::string(200, 'b')), aforro::Unavailable);
  }
  CHECK(spool.held_bytes() == 0);
}

TEST_CASE("the last of the disk is not taken") {
  const DiskFolder folder;
  Spool spool({.folder = folder.path(), .max_bytes = 1ULL << 62U});
  const auto space = std::filesystem::space(folder.path());
  CHECK_THROWS_AS(spool.open(space.available), aforro::Unavailable);
  CHECK_THROWS_AS(spool.open(1ULL << 61U), aforro::Unavailable);
}

TEST_CASE("a folder that is none, is closed or lies in memory is refused by its name") {
  const DiskFolder folder;
  const auto refusal_of = [](const std::filesystem::path& path) {
    const auto problem = problem_of([&] { Spool spool({.folder = path}); });
    return problem ? problem->detail() : std::string();
  };
  CHECK(refusal_of(folder.path() / "none").find(folder.path().string() + "/none") != std::string::npos);
  CHECK(refusal_of("/proc").find("/proc") != std::string::npos);
  CHECK(refusal_of(folder.path()).empty());
  if (std::filesystem::exists("/dev/shm") && aforro::is_in_memory("/dev/shm")) {
    CHECK(refusal_of("/dev/shm").find("memory") != std::string::npos);
  }
}

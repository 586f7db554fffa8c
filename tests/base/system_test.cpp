#include "base/system.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <iterator>

#include "base/descriptor.h"
#include "support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using aforro::Descriptor;
using aforro::test::read_file;
using aforro::test::TemporaryFolder;

std::size_t names_in(const TemporaryFolder& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
}

TEST_CASE("a file is renamed to a name that is free, and to no other") {
  const TemporaryFolder folder;
  const fs::path one = folder.write("one", "1");
  const fs::path two = folder.write("two", "2");
  const fs::path free = folder / "free";

  CHECK(aforro::rename_to_new(one.c_str(), two.c_str()) == -1);
  CHECK(errno == EEXIST);
  CHECK(read_file(one) == "1");
  CHECK(read_file(two) == "2");

  CHECK(aforro::rename_to_new(one.c_str(), free.c_str()) == 0);
  CHECK(!fs::exists(one));
  CHECK(read_file(free) == "1");
  CHECK(fs::hard_link_count(free) == 1);
}

TEST_CASE("two files exchange their names, and leave no third") {
  const TemporaryFolder folder;
  const fs::path one = folder.write("one", "1");
  const fs::path two = folder.write("two", "2");

  CHECK(aforro::exchange(one.c_str(), two.c_str()) == 0);
  CHECK(read_file(one) == "2");
  CHECK(read_file(two) == "1");
  CHECK(names_in(folder) == 2);
  CHECK(fs::hard_link_count(one) == 1);
}

TEST_CASE("a name that nobody has is exchanged with none, and nothing has changed") {
  const TemporaryFolder folder;
  const fs::path one = folder.write("one", "1");
  const fs::path nothing = folder / "nothing";

  CHECK(aforro::exchange(one.c_str(), nothing.c_str()) == -1);
  CHECK(errno == ENOENT);
  CHECK(aforro::exchange(nothing.c_str(), one.c_str()) == -1);
  CHECK(errno == ENOENT);
  CHECK(read_file(one) == "1");
  CHECK(names_in(folder) == 1);
}

TEST_CASE("room that is set aside is none of the file, and more than there is can't be") {
  const TemporaryFolder folder;
  const fs::path file = folder.write("file", "abc");
  const Descriptor opened(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  CHECK(aforro::set_aside(opened.get(), 3, 64 * 1024) == 0);
  CHECK(fs::file_size(file) == 3);
  CHECK(aforro::set_aside(opened.get(), 0, std::uint64_t{1} << 50) == -1);
  CHECK((errno == ENOSPC || errno == EFBIG));
  CHECK(read_file(file) == "abc");
}

TEST_CASE("a probe is a descriptor, and on an ordinary file nothing is mounted") {
  const TemporaryFolder folder;
  const Descriptor file(::open(folder.write("file", "").c_str(), O_RDONLY | O_CLOEXEC));
  const Descriptor probe(aforro::open_probe());
  CHECK(probe.get() >= 0);
  CHECK(!aforro::is_mount_point(file.get()));
}

}  // namespace

// A program that is started without some of its standard descriptors: the next file that it opens would get
// their numbers, and what is printed would go into it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/program.h"
#include "support/shop.h"
#include "support/temporary_folder.h"

using namespace aforro::test;
namespace fs = std::filesystem;

namespace {

// As the shell closes them.
const std::vector<std::string> kClosed{"<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"};

// The exit status.
std::optional<int> run_with(const std::string& closed, const std::vector<std::string>& arguments,
                            const fs::path& database) {
  std::vector<std::string> command{"/bin/sh", "-c", "exec \"$0\" \"$@\" " + closed, program_path().string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.insert(command.end(), {"--database", database.string()});
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  Process process(command, {}, nothing, nothing, nothing);
  ::close(nothing);
  if (arguments.front() == "serve") {
    CHECK(process.wait(std::chrono::milliseconds(500)) == std::nullopt);
    process.signal(SIGTERM);
  }
  return process.wait(std::chrono::minutes(1));
}

}  // namespace

TEST_CASE("what is printed where nothing listens goes into no file") {
  const std::vector<std::vector<std::string>> commands{{"stores"},
                                                       {"orders", "1"},
                                                       {"search", "nothing-like-this"},
                                                       {"order", "--store", "1", "--item", "1:1"},
                                                       {"migrate"},
                                                       {"verify"},
                                                       {"serve", "--listen", "127.0.0.1:0"}};
  const TemporaryFolder folder;
  const fs::path database = make_database(Goods::corner, folder).file();
  for (const std::string& closed : kClosed) {
    for (const auto& command : commands) {
      CAPTURE(closed);
      CAPTURE(command.front());
      CHECK(run_with(closed, command, database).value_or(-1) >= 0);
      CHECK(read_file(database).starts_with("SQLite format 3"));
    }
    check_verified(database);
  }
}

TEST_CASE("a database that is made where nothing listens has nothing but the shop in it") {
  for (const std::string& closed : kClosed) {
    CAPTURE(closed);
    const TemporaryFolder folder;
    const fs::path database = folder / "new.db";
    run_with(closed, {"seed", "--products", "5", "--stores", "1", "--rows-per-store", "5"}, database);
    check_verified(database);
  }
}

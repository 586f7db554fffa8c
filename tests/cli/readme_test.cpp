// The commands of the README, typed as they stand there: on a fresh demo shop, each must do what it says.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/engine.h"
#include "support/expect_program.h"
#include "support/program.h"
#include "support/server.h"
#include "support/shop.h"
#include "support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using namespace aforro::test;  // NOLINT: all of it is used

constexpr std::string_view kAddress = "127.0.0.1:8000";

// What stands behind "$ " in a section, the lines of one command joined.
std::vector<std::string> commands_of(const std::string& section) {
  constexpr std::string_view kPrompt = "    $ ";
  std::ifstream readme(fs::path(AFORRO_SOURCE) / "README.md");
  std::vector<std::string> commands;
  bool is_inside = false;
  bool goes_on = false;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("## ")) is_inside = line == "## " + section;
    if (!is_inside) continue;
    if (goes_on) {
      commands.back() += '\n' + line;
    } else if (line.starts_with(kPrompt)) {
      commands.push_back(line.substr(kPrompt.size()));
    } else {
      continue;
    }
    goes_on = line.ends_with('\\');
  }
  return commands;
}

std::string at_port(std::string command, int port) {
  for (std::size_t at = 0; (at = command.find(kAddress, at)) != std::string::npos;) {
    command.replace(at, kAddress.size(), "127.0.0.1:" + std::to_string(port));
  }
  return command;
}

// A folder as the project's, with the samples, and the shop that `make run` makes.
class Place {
 public:
  Place() : database_(folder_ / "demo.db") {
    fs::create_directories(folder_ / "docs");
    fs::copy(fs::path(AFORRO_SOURCE) / "docs" / "samples", folder_ / "docs" / "samples");
    server_.emplace(database_, std::vector<std::string>{"--seed-if-empty"});
  }

  int port() const { return server_->port(); }
  void stop_server() { CHECK(server_->stop() == 0); }

  // Its exit status; what it wrote is in `said`.
  int type(const std::string& command, std::string& said) {
    const fs::path out = folder_ / "said";
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int file = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    Process shell(
        {"/bin/bash", "-c", command},
        {.environment = {{"AFORRO_DATABASE", "demo.db"},
                         {"AFORRO_SUPERUSER_PASSWORD", "correct horse"},
                         {"PATH", program_path().parent_path().string() + ":" + std::getenv("PATH")}},
         .folder = folder_.path()},
        nothing, file, file);
    ::close(nothing);
    ::close(file);
    const auto status = shell.wait(std::chrono::minutes(1));
    said = read_file(out);
    return status.value_or(-1);
  }

 private:
  TemporaryFolder folder_;
  Location database_;
  std::optional<Server> server_;
};

TEST_CASE("every request of the tour is answered as one of its kind, and not by a fault") {
  Place place;
  std::string said;
  if (place.type("curl --version", said) != 0) {
    MESSAGE("skipped: there is no curl");
    return;
  }
  const std::vector<std::string> commands = commands_of("A tour");
  CHECK(commands.size() >= 10);
  for (const std::string& command : commands) {
    CAPTURE(command);
    CHECK(place.type(at_port(command, place.port()), said) == 0);
    CAPTURE(said);
    const bool is_the_mistake = has(command, "min_pirce");
    CHECK(has(said, "/problems/") == is_the_mistake);
    if (is_the_mistake) CHECK(has(said, "did you mean min_price?"));
  }
}

TEST_CASE("every command of the terminal does what it says") {
  Place place;
  const std::vector<std::string> commands = commands_of("The same from a terminal");
  CHECK(commands.size() >= 15);
  for (const std::string& command : commands) {
    CAPTURE(command);
    if (command.starts_with("aforro restore")) place.stop_server();
    std::string said;
    CHECK(place.type(command, said) == 0);
    INFO(said);
    CHECK(!has(said, "aforro:"));  // which begins what went wrong
  }
}

// What make would run, without what an outer make has handed down.
std::string planned_by_make(const std::string& arguments) {
  const TemporaryFolder folder;
  const std::string command =
      "env -u MAKEFLAGS -u MAKELEVEL make --dry-run --no-print-directory -C '" AFORRO_SOURCE
      "' PACKAGES=present " +
      arguments + " > '" + (folder / "plan").string() + "' 2>&1";
  CHECK(std::system(command.c_str()) == 0);
  return read_file(folder / "plan");
}

TEST_CASE("make hands names with blanks on as they are, and shows no password of a database") {
  if (std::system("make --version > /dev/null 2>&1") != 0) {
    MESSAGE("skipped: there is no make");
    return;
  }
  const std::string run = planned_by_make("run 'DATABASE=postgres://ada:sesame@h/d' \"LISTEN=it's 1\"");
  CHECK(has(run, R"(serve --listen 'it'\''s 1' --seed-if-empty)"));
  CHECK(!has(run, "sesame"));
  const std::string install = planned_by_make("install 'PREFIX=/my programs' 'DESTDIR=/the image'");
  CHECK(has(install, " '/the image/my programs/bin/aforro' "));
  const char* const home = std::getenv("HOME");
  if (home == nullptr) return;
  CHECK(has(planned_by_make("install 'PREFIX=~/my programs'"),
            " '" + std::string(home) + "/my programs/bin/aforro' "));
}

}  // namespace

// Holds every file to what docs/CONTRIBUTING.md says of code and clang-tidy does not look at.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/source_tree.h"

namespace {

using aforro::test::listed;
using aforro::test::part_of;
using aforro::test::SourceFile;
using aforro::test::sources_below;

constexpr std::ptrdiff_t kMostLines = 450;

// Data, in rows.
bool may_be_long(const SourceFile& file) { return file.path == "lib/seed/words.cpp"; }

// Where a fault ends a piece of work: the edges (main, the dispatcher, workers) and the drivers, whose errors
// become the program's own. All that stands between lets faults pass, but for these.
const std::map<std::string, std::string>& catchers() {
  static const std::map<std::string, std::string> kCatchers = {
      {"lib/api/home_page.cpp",
       "it is shown while the database does not answer; and its script, in a browser"},
      {"lib/redis/bell.cpp", "its thread outlives a shortage of memory"},
      {"lib/redis/client.cpp", "its thread outlives a shortage of memory"},
      {"lib/redis/reply_hiredis.cpp", "nothing may be thrown through a library in C"},
      {"lib/redis/resolver.cpp", "a thread that can't be had is a name that can't be resolved"},
      {"lib/shop/idempotency_keys.cpp", "a lock that comes too late is a conflict of keys"},
      {"lib/shop/sweeper.cpp", "what comes again and again goes on after a fault"},
  };
  return kCatchers;
}
const std::set<std::string>& parts_between() {
  static const std::set<std::string> kBetween = {"accounts", "api",    "bulk",   "cache", "django", "limit",
                                                 "redis",    "render", "search", "seed",  "shop",   "verify"};
  return kBetween;
}

// Of which clang does not know what they guard.
constexpr std::array<std::string_view, 6> kUndeclaredLocks = {
    "std::mutex",       "std::shared_mutex", "std::lock_guard",
    "std::unique_lock", "std::scoped_lock",  "std::condition_variable",
};

std::vector<std::string> lines_of(const SourceFile& file) {
  std::vector<std::string> lines;
  std::istringstream text(file.text);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> faults_of(const SourceFile& file) {
  std::vector<std::string> complaints;
  const auto length = std::count(file.text.begin(), file.text.end(), '\n');
  if (length > kMostLines && !may_be_long(file)) {
    complaints.push_back(file.path + " has " + std::to_string(length) + " lines, and is probably two");
  }
  const bool may_catch = !parts_between().contains(part_of(file.path)) || catchers().contains(file.path);
  int number = 0;
  for (const std::string& line : lines_of(file)) {
    const std::string where = file.path + ":" + std::to_string(++number) + " ";
    const auto has = [&](std::string_view text) { return line.find(text) != std::string::npos; };
    if (file.path.ends_with(".h") && (has("<nlohmann/json.hpp>") || has("<CLI/CLI.hpp>"))) {
      complaints.push_back(where + "includes a heavy header, which stays in bodies");
    }
    if (has("} catch (") && !may_catch) {
      complaints.push_back(where + "catches what belongs to an edge or a driver");
    }
    if (std::any_of(kUndeclaredLocks.begin(), kUndeclaredLocks.end(), has) &&
        file.path != "lib/base/mutex.h" && file.path != "lib/base/shared_mutex.h") {
      complaints.push_back(where + "locks by what base/mutex.h is there for");
    }
  }
  return complaints;
}

TEST_CASE("no file of the program breaks a rule that its readers rely on") {
  const std::vector<SourceFile> files = sources_below(AFORRO_SOURCE, {"lib", "app"});
  REQUIRE(!files.empty());
  std::vector<std::string> complaints;
  for (const SourceFile& file : files) {
    const auto more = faults_of(file);
    complaints.insert(complaints.end(), more.begin(), more.end());
  }
  CHECK_MESSAGE(complaints.empty(), listed(complaints));
}

TEST_CASE("a file that may catch does, or its leave to is gone") {
  const std::vector<SourceFile> files = sources_below(AFORRO_SOURCE, {"lib"});
  for (const auto& catcher : catchers()) {
    CAPTURE(catcher.first);
    CAPTURE(catcher.second);
    CHECK(std::any_of(files.begin(), files.end(), [&catcher](const SourceFile& file) {
      return file.path == catcher.first && file.text.find("} catch (") != std::string::npos;
    }));
  }
}

TEST_CASE("what breaks a rule is named with its line") {
  CHECK(faults_of({"lib/shop/order.cpp", std::string(500, '\n')}).size() == 1);
  CHECK(faults_of({"lib/sql/sqlite.h", "#include <nlohmann/json.hpp>\n"}).size() == 1);
  CHECK(faults_of({"app/command.h", "#include <CLI/CLI.hpp>\n"}).size() == 1);
  CHECK(faults_of({"lib/jobs/queue.h", "std::mutex mutex_;\n"}).size() == 1);
  CHECK(faults_of({"lib/jobs/queue.cpp", "const std::lock_guard lock(mutex_);\n"}).size() == 1);
  const auto caught = faults_of({"lib/search/search.cpp", "try {\n  f();\n} catch (const Problem&) {\n}\n"});
  REQUIRE(caught.size() == 1);
  CHECK(caught[0] == "lib/search/search.cpp:3 catches what belongs to an edge or a driver");
}

TEST_CASE("what breaks none is not") {
  CHECK(faults_of({"lib/shop/order.cpp", std::string(400, '\n')}).empty());
  CHECK(faults_of({"lib/seed/words.cpp", std::string(500, '\n')}).empty());
  CHECK(faults_of({"lib/api/json.cpp", "#include <nlohmann/json.hpp>\n"}).empty());
  CHECK(faults_of({"lib/sql/pool.h", "} catch (const Unavailable&) {\n"}).empty());
  CHECK(faults_of({"lib/base/mutex.h", "std::mutex mutex_;\n"}).empty());
  CHECK(faults_of({"lib/base/shared_mutex.h", "std::shared_mutex mutex_;\n"}).empty());
  CHECK(faults_of({"lib/jobs/queue.h", "Mutex mutex_;\n"}).empty());
}

}  // namespace

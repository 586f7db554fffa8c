// Which Redis `serve` takes, and what it says of it.
#include <doctest/doctest.h>

#include <signal.h>

#include <string>
#include <utility>
#include <vector>

#include "support/expect_program.h"
#include "support/program.h"
#include "support/redis_server.h"
#include "support/temporary_folder.h"
#include "support/wait_until.h"

using namespace aforro::test;

namespace {

using Environment = std::vector<std::pair<std::string, std::string>>;

// What a server says until it is ended: to standard output and to standard error.
ProgramResult served(const std::vector<std::string>& arguments, const Environment& environment = {}) {
  const TemporaryFolder folder;
  std::vector<std::string> command{"serve", "--listen", "127.0.0.1:0", "--database", "shop.db"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  Program program(command, {.environment = environment, .folder = folder.path()});
  wait_until([&] { return program.out().find("database: ") != std::string::npos || !program.is_running(); });
  program.signal(SIGTERM);
  return program.finish();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("without a setting there is no Redis, and off turns off one that the environment has") {
  CHECK(!has(served({}).out, "redis"));
  CHECK(!has(served({"--redis", "off"}, {{"REDIS_HOST", "127.0.0.1"}}).out, "redis"));
  CHECK(!has(served({}, {{"AFORRO_REDIS", "off"}, {"REDIS_HOST", "127.0.0.1"}}).out, "redis"));
  CHECK(!has(served({}, {{"REDIS_PORT", "1"}, {"REDIS_PASSWORD", "sesame"}}).out, "redis"));
}

TEST_CASE("where it is comes from a flag, from the environment, or from the names that other services know") {
  if (!RedisServer::is_installed()) return;
  RedisServer server({"--requirepass", "sesame"});
  const std::string port = std::to_string(server.address().port);
  const std::string shown = "redis: redis://127.0.0.1:" + port + "/";
  const ProgramResult by_flag =
      served({"--redis", server.url(":sesame") + "/3"}, {{"REDIS_HOST", "elsewhere"}});
  CHECK(has(by_flag.out, shown + "3 (--redis)\n"));
  const ProgramResult by_environment = served({}, {{"AFORRO_REDIS", server.url(":sesame")}});
  CHECK(has(by_environment.out, shown + "0 (AFORRO_REDIS)\n"));
  const ProgramResult by_names =
      served({}, {{"REDIS_HOST", "127.0.0.1"}, {"REDIS_PORT", port}, {"REDIS_PASSWORD", "sesame"}});
  CHECK(has(by_names.out, shown + "0 (REDIS_HOST in the environment)\n"));
  for (const ProgramResult& result : {by_flag, by_environment, by_names}) {
    CHECK(result.exit_status == 0);
    CHECK(!has(result.out + result.err, "sesame"));
    CHECK(!has(result.err, "redis_away"));
  }
}

TEST_CASE("one that is not there, or wants another password, is a line in the log, without the password") {
  if (!RedisServer::is_installed()) return;
  RedisServer server({"--requirepass", "sesame"});
  const ProgramResult wrong = served({"--redis", server.url(":tulip")});
  CHECK(wrong.exit_status == 0);
  CHECK(has(wrong.err, "\"redis_away\""));
  CHECK(has(wrong.err, "WRONGPASS"));
  CHECK(!has(wrong.out + wrong.err, "tulip"));
  server.kill();
  const ProgramResult gone = served({"--redis", server.url(":tulip")});
  CHECK(gone.exit_status == 0);
  CHECK(has(gone.err, "\"redis_away\""));
}

TEST_CASE("what is no address is refused in one line, without what may be a password") {
  for (const auto& row : std::vector<std::pair<std::string, std::string>>{
           {"rediss://:sesame@cache/x", "no number of a database"},
           {"postgres://:sesame@cache", "must be redis://"},
           {"redis://sesame@cache", "names a user without a password"},
           {"redis://:ses@me@cache", "must be written as %XX"},
           {"redis://cache/x", "no number of a database"}}) {
    const auto& url = row.first;
    const auto& said = row.second;
    CAPTURE(url);
    const ProgramResult result = run_program({"serve", "--redis", url});
    CHECK(result.exit_status == 1);
    CHECK(has(result.err, said));
    CHECK(result.err.find('\n') == result.err.size() - 1);
    CHECK(!has(result.err, "sesame@"));
    CHECK(!has(result.err, "ses@me"));
  }
  const ProgramResult port =
      run_program({"serve"}, {.environment = {{"REDIS_HOST", "cache"}, {"REDIS_PORT", "x"}}});
  CHECK(port.exit_status == 1);
  CHECK(port.err == "aforro: REDIS_PORT must be a port of 1 to 65535\n");
  const ProgramResult host = run_program({"serve"}, {.environment = {{"REDIS_HOST", "a b"}}});
  CHECK(host.exit_status == 1);
  CHECK(host.err == "aforro: REDIS_HOST must be the name or the address of a machine\n");
}

TEST_CASE("a program without hiredis refuses one that it is told to use, and notes one in the environment") {
  if (aforro::redis::has_reader()) return;
  const ProgramResult refused = run_program({"serve", "--redis", "redis://cache"});
  CHECK(refused.exit_status == 1);
  CHECK(has(refused.err, "built without Redis; build it again with libhiredis-dev installed"));
  const ProgramResult noted = served({}, {{"REDIS_HOST", "cache"}});
  CHECK(noted.exit_status == 0);
  CHECK(has(noted.err, "note: REDIS_HOST has no effect: this program was built without Redis\n"));
}

}  // namespace

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/program.h"
#include "support/temporary_folder.h"
#include "support/terminal.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

constexpr const char* kPassword = "correct horse";

// A shop without an administrator yet.
struct Shop {
  TemporaryFolder folder;
  Location database = free_location(folder);

  std::vector<std::string> command(const std::string& username, std::vector<std::string> options = {}) const {
    options.insert(options.begin(),
                   {"createsuperuser", "--username", username, "--database", database.string()});
    return options;
  }
  ProgramResult create(const std::string& username, std::optional<std::string> input,
                       std::vector<std::string> options = {"--password-stdin"}) const {
    return run_program(command(username, std::move(options)),
                       {.input = std::move(input), .folder = folder.path()});
  }
  std::int64_t users() const {
    return is_made(database) ? query_number(database, "SELECT count(*) FROM users") : 0;
  }
};

}  // namespace

TEST_CASE("an administrator is made with the password from standard input, which is kept only as a hash") {
  const Shop shop;
  const ProgramResult result =
      shop.create("ada", std::string(kPassword) + "\n", {"--password-stdin", "--email", "ada@example.org"});
  CHECK(result.exit_status == 0);
  CHECK(result.err.empty());
  CHECK(has(result.out, "ada"));
  CHECK(query_texts(shop.database, "SELECT username FROM users") == std::vector<std::string>{"ada"});
  CHECK(query_texts(shop.database, "SELECT email FROM users") == std::vector<std::string>{"ada@example.org"});
  CHECK(query_number(shop.database, "SELECT is_superuser FROM users") == 1);
  CHECK(query_texts(shop.database, "SELECT password_hash FROM users")[0].starts_with("$argon2id$"));
  if (!shop.database.is_postgres()) CHECK(!has(read_file(shop.database.file()), kPassword));
  CHECK(!has(result.out + result.err, kPassword));
}

TEST_CASE("the same name, however it is written, is refused") {
  const Shop shop;
  CHECK(shop.create("Élodie", kPassword).exit_status == 0);
  for (const std::string name : {"Élodie", "elodie", "ELODIE", "  Élodie ", "E\xCC\x81lodie"}) {
    CAPTURE(name);
    check_refused(shop.create(name, kPassword), "");
  }
  CHECK(shop.users() == 1);
}

TEST_CASE("a password under 8 characters is refused, and no administrator is made") {
  const Shop shop;
  for (const std::string password : {"", "\n", "1234567", "1234567\n", "äöüäöüä", "1234567\r\n"}) {
    CAPTURE(password);
    check_refused(shop.create("ada", password), "8");
  }
  check_refused(shop.create("ada", std::nullopt), "8");
  CHECK(shop.users() == 0);
  CHECK(shop.create("ada", "12345678\r\n").exit_status == 0);
  CHECK(shop.create("bob", "äöüäöüäö").exit_status == 0);
  check_refused(shop.create("eve", std::string(1'025, 'x')), "");
  check_refused(shop.create("eve", std::string(100'000, 'x')), "");
  CHECK(shop.users() == 2);
}

TEST_CASE("a name that can't be is refused") {
  const Shop shop;
  for (const std::string& name : {std::string(""), std::string("   "), std::string(121, 'x'),
                                  std::string("a\x01"
                                              "b"),
                                  std::string("\xFF"), std::string(10'000, 'x')}) {
    CAPTURE(name.substr(0, 20));
    const ProgramResult result = shop.create(name, kPassword);
    INFO("it wrote: ", result.err);
    CHECK((result.exit_status == 1 || result.exit_status == 2));
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  }
  CHECK(shop.users() == 0);
}

TEST_CASE("the password may come from the environment or .env, standard input counts first") {
  const Shop shop;
  const auto run_with = [&](const std::string& username, const std::string& password) {
    return run_program(shop.command(username), {.environment = {{"AFORRO_SUPERUSER_PASSWORD", password}},
                                                .folder = shop.folder.path()});
  };
  CHECK(run_with("ada", kPassword).exit_status == 0);
  check_refused(run_with("bob", "short"), "8");
  shop.folder.write(".env", "AFORRO_SUPERUSER_PASSWORD='correct horse'\n");
  CHECK(shop.create("bob", std::nullopt, {}).exit_status == 0);
  check_refused(shop.create("eve", "short\n"), "8");
  CHECK(shop.users() == 2);
}

TEST_CASE("without a terminal and without a password it is said how to give one") {
  const Shop shop;
  check_refused(shop.create("ada", kPassword, {}), "--password-stdin");
  CHECK(shop.users() == 0);
  CHECK(!is_made(shop.database));
}

TEST_CASE("at a terminal the password is asked for twice and does not show") {
  const Shop shop;
  Terminal terminal(shop.command("ada"), {.folder = shop.folder.path()});
  REQUIRE(terminal.waits_for("Password: "));
  REQUIRE(terminal.is_silent());
  terminal.type("correct horse\n");
  REQUIRE(terminal.waits_for("Password (again): "));
  REQUIRE(terminal.is_silent());
  terminal.type("correct horse\n");
  CHECK(terminal.finish() == 0);
  CHECK(!has(terminal.screen(), "horse"));
  CHECK(has(terminal.screen(), "ada"));
  CHECK(shop.users() == 1);
}

TEST_CASE("two passwords that differ make no administrator") {
  const Shop shop;
  Terminal terminal(shop.command("ada"), {.folder = shop.folder.path()});
  REQUIRE(terminal.waits_for("Password: "));
  REQUIRE(terminal.is_silent());
  terminal.type("correct horse\n");
  REQUIRE(terminal.waits_for("again"));
  REQUIRE(terminal.is_silent());
  terminal.type("correct house\n");
  CHECK(terminal.finish() == 1);
  CHECK(has(terminal.screen(), "not the same"));
  CHECK(shop.users() == 0);
}

TEST_CASE("Ctrl-C at the question ends it and leaves the terminal as it was") {
  const Shop shop;
  Terminal terminal(shop.command("ada"), {.folder = shop.folder.path()});
  REQUIRE(terminal.waits_for("Password: "));
  REQUIRE(terminal.is_silent());
  terminal.type("\x03");
  CHECK(terminal.finish() != 0);
  CHECK(terminal.echoes());
  CHECK(shop.users() == 0);
}

TEST_CASE("Ctrl-D at the question is no password") {
  const Shop shop;
  Terminal terminal(shop.command("ada"), {.folder = shop.folder.path()});
  REQUIRE(terminal.waits_for("Password: "));
  REQUIRE(terminal.is_silent());
  terminal.type("\x04");
  CHECK(terminal.finish() == 1);
  CHECK(terminal.echoes());
  CHECK(shop.users() == 0);
}

TEST_CASE("an administrator is told of in JSON when that is asked for") {
  const Shop shop;
  const ProgramResult result = shop.create("ada", kPassword, {"--password-stdin", "--json"});
  CHECK(result.exit_status == 0);
  CHECK(parse(result.out)["username"] == "ada");
}

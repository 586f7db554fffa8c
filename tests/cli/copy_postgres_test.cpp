// `aforro copy` from a file to PostgreSQL and back.
#include <doctest/doctest.h>

#include <string>

#include "support/expect_program.h"
#include "support/program.h"
#include "support/shop.h"
#include "support/temporary_folder.h"

using namespace aforro::test;

TEST_CASE("a shop moves to PostgreSQL, takes orders there, and comes back with them") {
  const TemporaryFolder folder;
  const Location file = folder / "shop.db";
  const Location moved = free_location(folder, Engine::postgres);
  const Location back = folder / "back.db";
  REQUIRE(run_program({"seed", "--database", file.string()}).exit_status == 0);
  REQUIRE(run_program({"createsuperuser", "--username", "ada", "--database", file.string()},
                      {.environment = {{"AFORRO_SUPERUSER_PASSWORD", "correct horse battery"}}})
              .exit_status == 0);

  const ProgramResult there = run_program({"copy", "--from", file.string(), "--to", moved.string()});
  INFO(there.out, there.err);
  CHECK(there.exit_status == 0);
  CHECK(has(there.out, "users\t1\tthe same\n"));
  {
    Server server(moved);
    HttpClient client(server.port());
    CHECK(client.post("/orders/", order_body(1, {{10, 1}})).status == 201);
  }
  const ProgramResult returned = run_program({"copy", "--from", moved.string(), "--to", back.string()});
  INFO(returned.out, returned.err);
  CHECK(returned.exit_status == 0);
  CHECK(has(returned.out, "orders\t1\tthe same\n"));
  CHECK(!has(returned.err, "log"));
  for (const Location& shop : {moved, back}) {
    CHECK(run_program({"verify", "--database", shop.string()}).exit_status == 0);
  }
  Server server(back);
  CHECK(HttpClient(server.port()).get("/orders/1/").status == 200);
  drop_database(moved);
}

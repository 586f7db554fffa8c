// `aforro jobs`: what those who look after the shop see of its background work, and do about it.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/program.h"
#include "support/shop.h"
#include "support/temporary_folder.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

// An empty shop with a job that died and one that waits.
struct JobShop {
  JobShop() {
    for (const std::string state : {"waiting", "dead"}) {
      query_texts(database,
                  "INSERT INTO jobs (kind, payload, state, run_at, attempts, last_error, created_at) VALUES"
                  " ('greet', 'p', '" +
                      state + "', 1795466662699193, 3, 'no' , 1795466662699193)");
    }
  }

  ProgramResult run(std::vector<std::string> command) const {
    command.insert(command.end(), {"--database", database.string()});
    return run_program(command, {.folder = folder.path()});
  }

  TemporaryFolder folder;
  Location database = make_database(Goods::none, folder);
};

}  // namespace

TEST_CASE("a flag before the name of what is to be done with jobs counts more than the environment") {
  const TemporaryFolder folder;
  const ProgramResult result =
      run_program({"jobs", "--database", "flag.db", "list"},
                  {.environment = {{"AFORRO_DATABASE", "environment.db"}}, .folder = folder.path()});
  CHECK(result.exit_status == 1);
  CHECK_MESSAGE(result.err.find("flag.db") != std::string::npos, result.err);
}

TEST_CASE("jobs lists the dead first, as a table or as JSON") {
  const JobShop shop;
  const ProgramResult table = shop.run({"jobs"});
  CHECK(table.exit_status == 0);
  CHECK(table.err.empty());
  CHECK(table.out ==
        "id\tstate\tkind\tpayload\tattempts\trun at\tremark\n"
        "2\tdead\tgreet\tp\t3\t2026-11-23T20:44:22.699193Z\tno\n"
        "1\twaiting\tgreet\tp\t3\t2026-11-23T20:44:22.699193Z\tno\n");
  CHECK(shop.run({"jobs", "list"}).out == table.out);

  const json listed = parse(shop.run({"jobs", "--json"}).out);
  CHECK(numbers(listed, "id") == std::vector<std::int64_t>{2, 1});
  CHECK(texts(listed, "state") == std::vector<std::string>{"dead", "waiting"});
  CHECK(listed[0]["last_error"] == "no");
  CHECK(listed[0]["period_seconds"] == nullptr);
  CHECK(listed[0]["run_at"] == "2026-11-23T20:44:22.699193Z");
  const ProgramResult some = shop.run({"jobs", "list", "--limit", "1"});
  CHECK(std::count(some.out.begin(), some.out.end(), '\n') == 2);
  CHECK(has(some.err, "--limit"));
}

TEST_CASE("a dead job is revived or discarded by its id; what lives or is not there is refused") {
  const JobShop shop;
  check_refused(shop.run({"jobs", "retry", "1"}), "job 1 is not dead");
  check_refused(shop.run({"jobs", "discard", "1"}), "job 1 is not dead");
  check_refused(shop.run({"jobs", "retry", "99"}), "no job 99");

  const ProgramResult revived = shop.run({"jobs", "retry", "2"});
  CHECK(revived.exit_status == 0);
  CHECK(revived.out == "job 2 will be tried again\n");
  CHECK(query_number(shop.database, "SELECT attempts FROM jobs WHERE id = 2 AND state = 'waiting'") == 0);

  query_texts(shop.database, "UPDATE jobs SET state = 'dead' WHERE id = 1");
  CHECK(parse(shop.run({"jobs", "discard", "1", "--json"}).out) == json{{"id", 1}, {"discarded", true}});
  CHECK(query_number(shop.database, "SELECT count(*) FROM jobs") == 1);
}

// How a command comes to PostgreSQL, and what it says when that can't be.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/http_client.h"
#include "support/postgres_cluster.h"
#include "support/postgres_proxy.h"
#include "support/postgres_session.h"
#include "support/program.h"
#include "support/server.h"
#include "support/shop.h"
#include "support/temporary_folder.h"
#include "support/wait_until.h"

using namespace aforro::test;

namespace {

using Environment = std::vector<std::pair<std::string, std::string>>;

// A folder to work in, a server, and a database that belongs to a user with an odd name and password.
struct Place {
  const std::string user = "ann lee";
  const std::string password = "p@ss:w/rd %41?#";
  PostgresCluster& cluster = PostgresCluster::shared();
  TemporaryFolder folder;
  std::string name = cluster.create_database();
  std::string port = port_of(cluster.url(name));

  Place() {
    cluster.query("postgres", "DO $$ BEGIN CREATE ROLE \"" + user + "\" LOGIN PASSWORD '" + password +
                                  "'; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    cluster.query("postgres", "ALTER DATABASE " + name + " OWNER TO \"" + user + "\"");
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { cluster.drop_database(name); }

  static std::string port_of(const std::string& url) {
    const std::size_t begin = url.rfind(':') + 1;
    return url.substr(begin, url.find('/', begin) - begin);
  }

  Environment settings() const { return settings(port); }
  Environment settings(const std::string& server_port) const {
    return {{"DB_NAME", name},
            {"DB_USER", user},
            {"DB_PASSWORD", password},
            {"DB_HOST", "127.0.0.1"},
            {"DB_PORT", server_port}};
  }
  ProgramResult run(const std::vector<std::string>& arguments, const Environment& environment = {}) const {
    return run_program(arguments, {.environment = environment, .folder = folder.path()});
  }
  std::string shown() const { return "postgres://" + user + "@127.0.0.1:" + port + "/" + name; }
  std::string value(const std::string& sql) const { return cluster.query(name, sql).at(0).at(0); }
  bool has_made_a_file() const {
    return std::filesystem::exists(folder / "aforro.db") || std::filesystem::exists(folder / name);
  }
};

void check_refused(const Place& place, const ProgramResult& result, const std::string& why) {
  INFO("it wrote: ", result.err);
  CHECK(result.exit_status == 1);
  CHECK(result.out.empty());
  // A choice that nobody typed is said first.
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == (result.err.starts_with("using ") ? 2 : 1));
  CHECK(has(result.err, why));
  CHECK(!has(result.err, place.password));
  CHECK(!place.has_made_a_file());
}

TEST_CASE("DB_NAME and the settings beside it mean PostgreSQL, whatever is in them") {
  const Place place;
  const ProgramResult made = place.run({"migrate"}, place.settings());
  CHECK_MESSAGE(made.exit_status == 0, made.err);
  CHECK(has(made.out, "created " + place.shown()));
  CHECK(place.value("SELECT count(*) FROM products") == "0");

  const ProgramResult again = place.run({"migrate"}, place.settings());
  CHECK(has(again.out, place.shown() + " has schema version"));
  CHECK(!has(again.out, "created"));
  CHECK(!place.has_made_a_file());
}

TEST_CASE("a server waits as long as it is told for a database that is not there yet") {
  const Place place;
  const Location database = make_database(Goods::none, place.folder);
  PostgresProxy proxy(database.string());
  proxy.let_in(false);
  const auto began = std::chrono::steady_clock::now();
  const ProgramResult late =
      place.run({"work", "--wait-for-database", "2", "--database", proxy.url()}, {{"PGSSLMODE", "disable"}});
  CHECK(late.exit_status == 1);
  CHECK(has(late.err, "waiting for the database: "));
  CHECK(std::chrono::steady_clock::now() - began >= std::chrono::seconds(2));

  Program worker({"work", "--wait-for-database", "60", "--database", proxy.url()},
                 {.environment = {{"PGSSLMODE", "disable"}}, .folder = place.folder.path()});
  std::this_thread::sleep_for(std::chrono::seconds(1));
  CHECK(worker.is_running());
  proxy.let_in(true);
  CHECK(wait_until([&] { return has(worker.out(), "working on the jobs of ") || !worker.is_running(); }));
  worker.signal(SIGTERM);
  const ProgramResult ended = worker.finish();
  INFO("it wrote: ", ended.err);
  CHECK(ended.exit_status == 0);
  CHECK(has(ended.out, "working on the jobs of "));
}

TEST_CASE("the settings may stand in .env") {
  const Place place;
  std::string lines;
  for (const auto& [name, value] : place.settings()) lines += name + "='" + value + "'\n";
  place.folder.write(".env", lines);
  CHECK(place.run({"seed", "--products", "10", "--rows-per-store", "5", "--stores", "2"}).exit_status == 0);
  CHECK(place.value("SELECT count(*) FROM products") == "10");
  CHECK(!place.has_made_a_file());
}

TEST_CASE("--database and AFORRO_DATABASE come before DB_NAME") {
  const Place place;
  CHECK(place.run({"migrate", "--database", "mine.db"}, place.settings()).exit_status == 0);
  CHECK(std::filesystem::exists(place.folder / "mine.db"));
  Environment both = place.settings();
  both.emplace_back("AFORRO_DATABASE", "another.db");
  CHECK(place.run({"migrate"}, both).exit_status == 0);
  CHECK(std::filesystem::exists(place.folder / "another.db"));
  CHECK(place.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0");
}

TEST_CASE("a server says which database it uses and why, and never its password") {
  const Place place;
  Program program({"serve", "--listen", "127.0.0.1:0"},
                  {.environment = place.settings(), .folder = place.folder.path()});
  while (!has(program.out(), "database: ")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  program.signal(SIGTERM);
  const ProgramResult result = program.finish();
  CHECK(result.exit_status == 0);
  CHECK(has(result.out, "database: " + place.shown() + " (DB_NAME"));
  CHECK(!has(result.out + result.err, place.password));
  CHECK(!has(result.out + result.err, "p%40ss"));
}

TEST_CASE(
    "a password that is wrong, a server or a database that is not there: one line, and no file instead") {
  const Place place;
  const std::vector<std::vector<std::string>> commands{{"migrate"}, {"seed"}, {"serve"}, {"orders", "1"}};
  for (const auto& wrong : Environment{
           {"DB_PASSWORD", "wrong-" + place.password}, {"DB_PORT", "1"}, {"DB_NAME", "nobody_made_it"}}) {
    CAPTURE(wrong.first);
    Environment settings{wrong};  // of two the first counts
    for (const auto& setting : place.settings()) settings.push_back(setting);
    for (const auto& command : commands) {
      check_refused(place, place.run(command, settings), "can't be reached");
    }
  }
  check_refused(place,
                place.run({"migrate", "--database", "postgres://ann:" + place.password + "@host:port/x"}),
                "can't be read");
}

TEST_CASE("DB_HOST may be the folder of a Unix socket, and name several servers") {
  const Place place;
  Environment socket = place.settings();
  for (auto& [setting, value] : socket) {
    if (setting == "DB_HOST") value = place.cluster.socket_folder();
  }
  const ProgramResult by_socket = place.run({"migrate"}, socket);
  INFO("it wrote: ", by_socket.err);
  CHECK(by_socket.exit_status == 0);
  CHECK(has(by_socket.out, "created postgres://" + place.user + "@/" + place.name +
                               "?host=" + place.cluster.socket_folder() + "&port=" + place.port));

  // Nobody listens on port 1.
  Environment several = place.settings("1," + place.port);
  for (auto& [setting, value] : several) {
    if (setting == "DB_HOST") value = "127.0.0.1,127.0.0.1";
  }
  const ProgramResult by_list = place.run({"migrate"}, several);
  INFO("it wrote: ", by_list.err);
  CHECK(by_list.exit_status == 0);
  CHECK(has(by_list.out,
            place.user + "@127.0.0.1:1,127.0.0.1:" + place.port + "/" + place.name + " has schema version"));
}

TEST_CASE("a server has as many connections as it is told, and no more") {
  const Place place;
  const Location database = make_database(Goods::corner, place.folder);
  Server server(database, {"--database-connections", "2", "--no-jobs", "--redis", "off"});
  {
    PostgresSession other(database.string());
    other.query("BEGIN; LOCK TABLE products IN ACCESS EXCLUSIVE MODE");
    std::atomic<bool> is_over = false;
    std::vector<std::thread> customers;
    customers.reserve(6);
    for (int i = 0; i < 6; ++i) {
      customers.emplace_back([&server, &is_over] {
        HttpClient client(server.port());
        while (!is_over) client.get("/api/search/products/?q=mug");  // refused, if all takes too long
      });
    }
    CHECK(wait_until([&] {
      return place.cluster.query("postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = '" +
                                                 database.name() + "' AND wait_event_type = 'Lock'")[0][0] ==
             "2";
    }));
    is_over = true;
    other.query("COMMIT");
    for (std::thread& customer : customers) customer.join();
  }
  CHECK(
      wait_until([&] { return HttpClient(server.port()).get("/api/search/products/?q=mug").status == 200; }));
  // And one that tells others of orders.
  CHECK(place.cluster.query("postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = '" +
                                            database.name() + "' AND application_name = 'aforro'")[0][0] ==
        "3");
  CHECK(server.stop() == 0);
  for (const char* wrong : {"1", "1001", "many"}) {
    const ProgramResult refused = place.run({"serve", "--database-connections", wrong});
    CHECK(refused.exit_status == 2);
    CHECK(has(refused.err, "--database-connections"));
  }
  drop_database(database);
}

TEST_CASE("a database that another program has filled is refused, and left as it is") {
  const Place place;
  place.cluster.query(place.name, "CREATE TABLE django_migrations (id BIGINT)");
  for (const char* command : {"migrate", "seed", "serve"}) {
    check_refused(place, place.run({command}, place.settings()), "another program");
  }
  CHECK(place.value("SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'") ==
        "django_migrations");
}

TEST_CASE("a command waits for a server that takes two seconds to begin a session") {
  const Place place;
  PostgresProxy proxy(place.cluster.url(place.name));
  Environment settings = place.settings(Place::port_of(proxy.url()));
  settings.emplace_back("PGSSLMODE", "disable");  // which the proxy does not know
  REQUIRE(place.run({"seed"}, settings).exit_status == 0);
  proxy.hold_back(std::chrono::seconds(2));
  const ProgramResult result = place.run({"verify"}, settings);
  INFO("it wrote: ", result.err);
  CHECK(result.exit_status == 0);
}

TEST_CASE("a database without a shop is made by some commands only") {
  const Place place;
  check_refused(place, place.run({"orders", "1"}, place.settings()), "there is no shop");
  const std::string csv = place.folder.write("p.csv", "title,price,category\nMug,1,Kitchen\n").string();
  const ProgramResult dry = place.run({"import", "products", csv, "--dry-run"}, place.settings());
  CHECK(dry.exit_status == 0);
  CHECK(place.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0");
  CHECK(place.run({"import", "products", csv}, place.settings()).exit_status == 0);
  CHECK(place.value("SELECT count(*) FROM products") == "1");
}

}  // namespace

TEST_CASE(
    "backup and restore say which of PostgreSQL's tools to call, without the password, and they do it") {
  const Place place;
  REQUIRE(place.run({"seed"}, place.settings()).exit_status == 0);
  const auto told = [&](const std::string& command) {
    const ProgramResult result = place.run({command, "it's a dump"}, place.settings());
    check_refused(place, result, "is PostgreSQL's to ");
    CHECK(!has(result.err, "%20"));
    const std::size_t begin = result.err.find("pg_");
    return result.err.substr(begin, result.err.find(" (it asks for the password") - begin);
  };
  const std::string where =
      "--dbname='user='\\''ann lee'\\'' host=127.0.0.1 port=" + place.port + " dbname=" + place.name + "'";
  const std::string dump = told("backup");
  const std::string restore = told("restore");
  CHECK(has(dump, "pg_dump --format=custom --file='it'\\''s a dump'"));
  CHECK(has(restore, "pg_restore --clean --if-exists --no-owner --single-transaction"));
  CHECK(has(restore, "'it'\\''s a dump'"));
  INFO(dump, restore);

  const auto run_shell = [&](const std::string& command) {
    const std::string line =
        "cd '" + place.folder.path().string() + "' && PGPASSWORD='" + place.password + "' " + command;
    return std::system(line.c_str());
  };
  if (run_shell("command -v pg_dump pg_restore > /dev/null") != 0) {
    MESSAGE("PostgreSQL's tools are not in the path");
    return;
  }
  REQUIRE(run_shell(dump) == 0);
  const std::string counted = place.value("SELECT count(*) FROM products");
  place.value("UPDATE products SET title = 'lost' RETURNING title");
  CHECK(run_shell(restore) == 0);
  CHECK(place.value("SELECT count(*) FROM products") == counted);
  CHECK(place.value("SELECT count(*) FROM products WHERE title = 'lost'") == "0");
  CHECK(place.run({"verify"}, place.settings()).exit_status == 0);
}

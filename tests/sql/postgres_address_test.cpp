// Urls of PostgreSQL: which servers they name, how they are shown, and Unix sockets.
#include "sql/postgres_address.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/percent_encoding.h"
#include "base/problem.h"
#include "sql/postgres.h"
#include "support/postgres_cluster.h"
#include "support/things.h"

namespace {

using namespace aforro;       // NOLINT
using namespace aforro::sql;  // NOLINT

std::vector<std::string> hosts_of(const std::string& url) {
  std::vector<std::string> hosts;
  const PostgresAddress address(url);
  for (const PostgresHost& host : address.hosts()) hosts.push_back(host.shown() + ' ' + host.target);
  return hosts;
}
using Hosts = std::vector<std::string>;

TEST_CASE("of several servers the one that takes writes is meant, unless the url says otherwise") {
  CHECK(hosts_of("postgres://a:5432,b:5433/shop") == Hosts{"a:5432 read-write", "b:5433 read-write"});
  CHECK(hosts_of("postgres://a,b/shop?port=5433") == Hosts{"a:5433 read-write", "b:5433 read-write"});
  CHECK(hosts_of("postgres://a,b/shop?target_session_attrs=any") == Hosts{"a:5432 any", "b:5432 any"});
  CHECK(hosts_of("postgres:///shop?hostaddr=10.0.0.1,10.0.0.2&target_session_attrs=primary") ==
        Hosts{"10.0.0.1 primary", "10.0.0.2 primary"});
  CHECK(hosts_of("postgres:///shop?host=/run/a,/run/b") == Hosts{"/run/a read-write", "/run/b read-write"});
  CHECK(hosts_of("postgres://a,b/shop?target_session_attrs=prefer-standby") ==
        Hosts{"a:5432 standby", "b:5432 standby", "a:5432 any", "b:5432 any"});
}

TEST_CASE("one server is taken as it is, and a list that does not fit together is left to libpq's words") {
  CHECK(hosts_of("postgres://a:5432/shop") == Hosts{" "});
  CHECK(hosts_of("postgres:///shop") == Hosts{" "});
  CHECK(hosts_of("postgres:///shop?host=a,b,c&port=1,2") == Hosts{" "});
  CHECK(hosts_of("postgres:///shop?host=a,,c") == Hosts{" "});
}

TEST_CASE("a url of several servers, or of a socket, can be read where it is shown") {
  CHECK(shown_url("postgres://ann:secret@a:5432,b:5433/shop?target_session_attrs=read-write") ==
        "postgres://ann@a:5432,b:5433/shop");
  CHECK(shown_url("postgres:///shop?host=a,b&port=5433") == "postgres://a:5433,b:5433/shop");
  CHECK(shown_url("postgres://a,b/shop") == "postgres://a,b/shop");
  CHECK(shown_url("postgres:///shop?host=/run/postgresql") == "postgres:///shop?host=/run/postgresql");
  CHECK(shown_url("postgres://ann:secret@%2Frun%2Fpostgresql:5433/shop") ==
        "postgres://ann@/shop?host=/run/postgresql&port=5433");
  CHECK(shown_url("postgres://[::1]:5432/shop") == "postgres://[::1]:5432/shop");
  CHECK(shown_url("postgres:///shop?hostaddr=127.0.0.1") == "postgres://127.0.0.1/shop");
  CHECK(shown_url("postgres://ann:sec@ret@a,b/shop").find("sec") == std::string::npos);
  CHECK(shown_url("postgres://ann:12/sec@a,b/shop").find("sec") == std::string::npos);
}

TEST_CASE("what is shown of a socket or of several servers leads to the same ones") {
  for (const std::string url : {"postgres://ann@/shop?host=/run/postgresql&port=5433",
                                "postgres://ann@a:5432,b:5433/shop", "postgres:///shop?host=/run/a,/run/b"}) {
    CAPTURE(url);
    CHECK(shown_url(url) == url);
    CHECK(connection_words(shown_url(url)) == connection_words(url));
  }
}

TEST_CASE("PostgreSQL's own tools are told of all servers, and which of them is meant") {
  CHECK(connection_words("postgres://ann:secret@a:5432,b:5433/shop?target_session_attrs=read-write") ==
        "user=ann dbname=shop host=a,b port=5432,5433 target_session_attrs=read-write");
}

TEST_CASE("a database is used by its Unix socket, in each way that a url can name one") {
  test::PostgresCluster& cluster = test::PostgresCluster::shared();
  const std::string name = cluster.create_database();
  const std::string folder = cluster.socket_folder();
  const std::string port = std::to_string(cluster.port());
  std::int64_t id = 0;
  for (const std::string& url : {"postgres://aforro@/" + name + "?host=" + folder + "&port=" + port,
                                 "postgres://aforro@" + percent_encode(folder) + ":" + port + "/" + name,
                                 "postgresql:///" + name + "?user=aforro&host=" + folder + "&port=" + port}) {
    CAPTURE(url);
    const auto database = open_postgres(url, test::schema_of_things(), {.missing = Missing::create});
    test::add_thing(*database, ++id);
    CHECK(test::count_things(*database) == id);
    CHECK(database->read_for_long([](Connection& connection) {
      return connection.maybe_integer("SELECT 1 WHERE inet_client_addr() IS NULL");
    }) == 1);
    CHECK(shown_url(url) == "postgres://aforro@/" + name + "?host=" + folder + "&port=" + port);
  }
  cluster.drop_database(name);
}

TEST_CASE("a socket that is not there is said in one line") {
  try {
    open_postgres("postgres:///shop?host=/nowhere", test::schema_of_things(), {});
    FAIL("it was opened");
  } catch (const Problem& problem) {
    CHECK(problem.kind() == Problem::Kind::unavailable);
    CHECK(problem.detail().find("/nowhere/.s.PGSQL.") != std::string::npos);
    CHECK(problem.detail().find('\n') == std::string::npos);
  }
}

}  // namespace

// PostgreSQL by TLS: a server whose certificate an authority of the test's own has signed.
#include <doctest/doctest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <string>

#include "base/problem.h"
#include "sql/postgres.h"
#include "support/certificate.h"
#include "support/postgres_cluster.h"
#include "support/postgres_tls_relay.h"
#include "support/temporary_folder.h"
#include "support/things.h"

namespace {

using namespace aforro;       // NOLINT
using namespace aforro::sql;  // NOLINT

struct Place {
  test::Certificate authority = test::make_authority();
  test::TemporaryFolder folder;
  std::string root = folder.write("root.crt", authority.pem).string();
  test::PostgresCluster cluster;
  std::string name = cluster.create_database();

  Place() { cluster.encrypt(test::make_certificate_by(authority, "DNS:db.example")); }

  std::string url(const std::string& host = "db.example") const { return url(host, root); }
  std::string url(const std::string& host, const std::string& trusted) const {
    return "postgres://aforro:s3cret@" + host + ":" + std::to_string(cluster.port()) + "/" + name +
           "?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=" + trusted;
  }
};

std::string refusal_of(const std::string& url) {
  try {
    open_postgres(url, test::schema_of_things(), {.missing = Missing::create});
  } catch (const Problem& problem) {
    CHECK(problem.kind() == Problem::Kind::unavailable);
    CHECK(problem.detail().find('\n') == std::string::npos);
    CHECK(problem.detail().find("s3cret") == std::string::npos);
    return problem.detail();
  }
  return "it was opened";
}

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

TEST_CASE("a server whose certificate is the right one is used by TLS alone") {
  const Place place;
  const auto database = open_postgres(place.url(), test::schema_of_things(), {.missing = Missing::create});
  test::add_thing(*database, 1);
  CHECK(test::count_things(*database) == 1);
  CHECK(database->read([](Connection& connection) {
    return connection.maybe_integer("SELECT count(*) FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid()");
  }) == 1);
}

TEST_CASE("a server of another authority or name, and one without TLS, are refused in one line") {
  Place place;
  const test::TemporaryFolder folder;
  const std::string other = folder.write("other.crt", test::make_authority().pem).string();
  CHECK(has(refusal_of(place.url("db.example", other)), "certificate verify failed"));
  CHECK(has(refusal_of(place.url("other.example")), "does not match host name"));
  CHECK(has(refusal_of(place.url("db.example", "/nowhere/root.crt")), "/nowhere/root.crt"));
  place.cluster.query("postgres", "ALTER SYSTEM SET ssl = off");
  place.cluster.query("postgres", "SELECT pg_reload_conf()");
  CHECK(test::wait_until([&] { return has(refusal_of(place.url()), "does not support SSL"); }));
}

TEST_CASE("much that is sent and comes back at once passes through TLS") {
  const Place place;
  const auto database = open_postgres(place.url(), test::schema_of_things(), {.missing = Missing::create});
  const std::string big(50'000, 'x');
  ParamRows rows;
  for (int i = 0; i < 400; ++i) rows.add({big});
  std::size_t seen = 0;
  database->read([&](Connection& connection) {
    connection.for_each("SELECT CAST($1 AS TEXT)", rows, [&](std::size_t i, const Row& row) {
      if (i == seen && row.text(0) == big) ++seen;
    });
  });
  CHECK(seen == 400);
}

TEST_CASE("what a record of TLS holds beyond libpq's room is not left lying") {
  const Place place;
  const test::PostgresTlsRelay relay(
      place.cluster.socket_folder() + "/.s.PGSQL." + std::to_string(place.cluster.port()),
      test::make_certificate_by(place.authority, "IP:127.0.0.1"));
  open_postgres(place.url(), test::schema_of_things(), {.missing = Missing::create});
  const auto database = open_postgres("postgres://postgres@127.0.0.1:" + std::to_string(relay.port()) + "/" +
                                          place.name + "?sslmode=verify-full&sslrootcert=" + place.root,
                                      test::schema_of_things(), {.max_connections = 1, .max_writing = 1});
  // Answers that nearly fill two records: the first leaves the begin of a row behind, and too little room for
  // all of the second, behind which nothing comes.
  constexpr std::int64_t kRecords = 2 * 16 * 1024;
  constexpr std::int64_t kAboutRow = 11;     // what the protocol adds to each
  constexpr std::int64_t kAboutAnswer = 90;  // and to all
  for (std::int64_t rows = 17; rows < 40; ++rows) {
    const auto begun = std::chrono::steady_clock::now();
    std::int64_t seen = 0;
    database->read([&](Connection& connection) {
      connection.query("SELECT repeat('x', CAST($1 AS INTEGER)) FROM generate_series(1, CAST($2 AS INTEGER))",
                       {(kRecords - kAboutAnswer) / rows - kAboutRow, rows}, [&](const Row&) { ++seen; });
    });
    CHECK(seen == rows);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(2));
  }
}

TEST_CASE("a statement that waits for long is waited for, as the server answers another connection by TLS") {
  const Place place;
  const auto database = open_postgres(place.url(), test::schema_of_things(), {.missing = Missing::create});
  CHECK(database->read([](Connection& connection) {
    return connection.maybe_integer("SELECT 1 FROM pg_sleep(1.5)");
  }) == 1);
}

TEST_CASE("a frozen server is given up by TLS as well, and its sessions are found again") {
  const Place place;
  const auto database = open_postgres(place.url(), test::schema_of_things(), {.missing = Missing::create});
  test::add_thing(*database, 1);
  place.cluster.signal(SIGSTOP);
  const auto begun = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(test::count_things(*database), Unavailable);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(4));  // 0.9 s on an idle machine
  place.cluster.signal(SIGCONT);
  CHECK(test::adds_once_let(*database, 2));
}

TEST_CASE("a bell is heard by TLS") {
  const Place place;
  std::atomic<int> heard = 0;
  const auto listening = make_postgres_bell(place.url(), [&] { ++heard; });
  CHECK(test::wait_until([&] { return heard == 1; }));
  ring_postgres_bell(place.url());
  CHECK(test::wait_until([&] { return heard == 2; }));
}

}  // namespace

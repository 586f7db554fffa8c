// A database that is replaced, cut short after each step by the end of the process: what lies there then is
// the old database or the new one, whole, with no log of the other beside it.
#include "sql/sqlite_replace.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sql/sqlite.h"
#include "support/child.h"
#include "support/database_file.h"
#include "support/refusal.h"
#include "support/small_database.h"
#include "support/temporary_folder.h"

using namespace aforro;
using sql::ReplaceStep;
using test::small_schema;
namespace fs = std::filesystem;

namespace {

using Ids = std::set<std::int64_t>;

const std::vector<ReplaceStep> kSteps{ReplaceStep::claimed, ReplaceStep::emptied_log,
                                      ReplaceStep::named_new_file, ReplaceStep::exchanged,
                                      ReplaceStep::synced};

void add(sql::Database& database, std::int64_t id) {
  database.write(
      [&](sql::Connection& connection) { connection.run("INSERT INTO things (id) VALUES ($1)", {id}); });
}

Ids ids_in(const fs::path& file) {
  Ids ids;
  sql::open_sqlite(file, small_schema(), {})->read([&](sql::Connection& connection) {
    connection.query("SELECT id FROM things", {}, [&](const sql::Row& row) { ids.insert(row.integer(0)); });
  });
  return ids;
}

bool has_log(const fs::path& file) { return fs::exists(file.string() + "-wal"); }

// The old database has thing 1 in its file and thing 2 in its log alone, as a killed process leaves it; the
// new file has thing 100.
struct Scene {
  Scene() {
    { add(*sql::open_sqlite(database, small_schema(), {.missing = sql::Missing::create}), 1); }
    const int end = test::in_child([&] {
      const auto opened = sql::open_sqlite(database, small_schema(), {});
      add(*opened, 2);
      return std::raise(SIGKILL);
    });
    REQUIRE(end == -SIGKILL);
    REQUIRE(fs::file_size(database.string() + "-wal") > 0);
    { add(*sql::open_sqlite(file, small_schema(), {.missing = sql::Missing::create}), 100); }
    REQUIRE(!has_log(file));
  }

  void damage() const {  // so that nobody opens it any more
    const int opened = ::open(database.c_str(), O_WRONLY | O_CLOEXEC);
    REQUIRE(::pwrite(opened, "scratched", 9, 0) == 9);
    ::close(opened);
    // And without what the log has of the same page.
    fs::resize_file(database.string() + "-wal", 32 + 24);
  }

  // Replaces it in a process of its own, which is killed after that step.
  void replace_until(ReplaceStep last) const {
    const int end = test::in_child([&] {
      sql::replace_sqlite(database, file, kept, small_schema(), [&](ReplaceStep step) {
        if (step == last) std::raise(SIGKILL);
      });
      return 1;
    });
    CHECK(end == -SIGKILL);
  }

  sql::Replaced replace() const {
    return sql::replace_sqlite(database, file, kept, small_schema(), [](ReplaceStep) {});
  }

  test::TemporaryFolder folder;
  fs::path database = folder / "shop.db";
  fs::path file = folder / "shop.db.new";
  fs::path kept = folder / "shop.db.kept";
};

}  // namespace

TEST_CASE("replaced, the new file is the database, and the old one is kept with all that its log held") {
  const Scene scene;
  const sql::Replaced replaced = scene.replace();
  CHECK(replaced.kept == scene.kept);
  CHECK(replaced.kept_logs.empty());
  CHECK(!has_log(scene.database));
  CHECK(!has_log(scene.kept));
  CHECK(ids_in(scene.database) == Ids{100});
  CHECK(ids_in(scene.kept) == Ids{1, 2});
  CHECK(!fs::exists(scene.file));
}

TEST_CASE(
    "killed after any step, the database is the old one or the new one, and neither has lost anything") {
  for (const ReplaceStep last : kSteps) {
    CAPTURE(static_cast<int>(last));
    const Scene scene;
    scene.replace_until(last);
    const bool is_new = last >= ReplaceStep::exchanged;
    CHECK((has_log(scene.database) ? last == ReplaceStep::claimed : true));
    CHECK(ids_in(scene.database) == (is_new ? Ids{100} : Ids{1, 2}));
    if (is_new) {
      CHECK(ids_in(scene.kept) == Ids{1, 2});
      continue;
    }
    // It is said again, and done.
    const fs::path rest = fs::exists(scene.file) ? scene.file : scene.kept;
    sql::replace_sqlite(scene.database, rest, scene.folder / "shop.db.later", small_schema(),
                        [](ReplaceStep) {});
    CHECK(ids_in(scene.database) == Ids{100});
    CHECK(ids_in(scene.folder / "shop.db.later") == Ids{1, 2});
  }
}

TEST_CASE("a damaged database is kept with its log beside it, which never lies beside the new one") {
  const Scene scene;
  scene.damage();
  const std::string log = test::read_file(scene.database.string() + "-wal");
  const sql::Replaced replaced = scene.replace();
  CHECK(replaced.kept_logs == std::vector<fs::path>{scene.kept.string() + "-wal"});
  CHECK(test::read_file(scene.kept.string() + "-wal") == log);
  CHECK(test::read_file(scene.kept).starts_with("scratched"));
  CHECK(!has_log(scene.database));
  CHECK(ids_in(scene.database) == Ids{100});
}

TEST_CASE(
    "killed while a damaged database is replaced, its log is never beside the new one, and never lost") {
  for (const ReplaceStep last : kSteps) {
    CAPTURE(static_cast<int>(last));
    const Scene scene;
    scene.damage();
    const std::string log = test::read_file(scene.database.string() + "-wal");
    scene.replace_until(last);
    int logs = 0;
    for (const auto& entry : fs::directory_iterator(scene.folder.path())) {
      if (test::read_file(entry.path()) == log) ++logs;
    }
    CHECK(logs == 1);
    if (last >= ReplaceStep::exchanged) {
      CHECK(!has_log(scene.database));
      CHECK(ids_in(scene.database) == Ids{100});
    } else {
      CHECK(test::read_file(scene.database).starts_with("scratched"));
    }
    // Beside a file that has the new one's content there is no log.
    if (fs::exists(scene.kept) && !test::read_file(scene.kept).starts_with("scratched")) {
      CHECK(!has_log(scene.kept));
    }
  }
}

TEST_CASE("where the database is gone, the log that it left is kept, and is not played into the new one") {
  for (const std::optional<ReplaceStep> last :
       {std::optional<ReplaceStep>(), std::optional(ReplaceStep::claimed),
        std::optional(ReplaceStep::emptied_log), std::optional(ReplaceStep::exchanged),
        std::optional(ReplaceStep::synced)}) {
    CAPTURE(last.has_value());
    const Scene scene;
    fs::remove(scene.database);
    const std::string log = test::read_file(scene.database.string() + "-wal");
    if (last) {
      scene.replace_until(*last);
    } else {
      const sql::Replaced replaced = scene.replace();
      CHECK(!replaced.kept);
      CHECK(replaced.kept_logs == std::vector<fs::path>{scene.kept.string() + "-wal"});
      CHECK(test::read_file(scene.kept.string() + "-wal") == log);
    }
    if (!last || *last >= ReplaceStep::exchanged) {
      CHECK(!has_log(scene.database));
      CHECK(ids_in(scene.database) == Ids{100});
    } else {
      CHECK(!fs::exists(scene.database));
    }
  }
}

TEST_CASE("an empty file is replaced, and a log beside it is kept") {
  const Scene scene;
  fs::resize_file(scene.database, 0);
  const std::string log = test::read_file(scene.database.string() + "-wal");
  scene.replace();
  CHECK(!has_log(scene.database));
  CHECK(ids_in(scene.database) == Ids{100});
  CHECK(test::read_file(scene.kept.string() + "-wal") == log);
}

TEST_CASE("what can't be done leaves the old database as it was") {
  const Scene scene;
  SUBCASE("the name for what is kept is taken") {
    scene.folder.write("shop.db.kept", "mine");
    CHECK_THROWS_AS(scene.replace(), Problem);
    CHECK(test::read_file(scene.kept) == "mine");
  }
  SUBCASE("the new file is not there") {
    fs::remove(scene.file);
    CHECK_THROWS_AS(scene.replace(), Problem);
  }
  CHECK(ids_in(scene.database) == Ids{1, 2});
}

TEST_CASE("another program's database is not replaced") {
  const Scene scene;
  test::query_texts(scene.database, "PRAGMA application_id = 7");
  test::query_texts(scene.database, "PRAGMA wal_checkpoint(TRUNCATE)");
  CHECK_THROWS_AS(sql::require_replaceable(scene.database, small_schema()), Problem);
  CHECK_THROWS_AS(scene.replace(), Problem);
  CHECK(test::query_number(scene.database, "SELECT count(*) FROM things") == 2);
}

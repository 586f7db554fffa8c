// `aforro restore` as it is called: a backup becomes the database, what was there is kept, and a blend of
// both never comes about.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/http_client.h"
#include "support/json.h"
#include "support/program.h"
#include "support/server.h"
#include "support/shop.h"
#include "support/temporary_folder.h"

using namespace aforro::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::int64_t orders_in(const fs::path& database) {
  return query_number(database, "SELECT count(*) FROM orders");
}

// A folder with a shop of one order (shop.db), and a backup made before it (backup.db).
struct ShopAndBackup {
  ShopAndBackup() {
    fs::rename(make_database(Goods::corner, folder).file(), shop);
    must({"backup", backup.string(), "--database", shop.string()});
    order();
  }

  void order() const {
    const auto store = query_number(shop, "SELECT id FROM stores WHERE name = 'North'");
    const auto lamp = query_number(shop, "SELECT id FROM products WHERE sku = 'LAMP'");
    must({"order", "--store", std::to_string(store), "--item", std::to_string(lamp) + ":1", "--database",
          shop.string()});
  }

  // The server is killed, so that its last orders are in its log alone.
  void leave_log() const {
    Server server(shop);
    HttpClient client(server.port());
    const auto lamp = query_number(shop, "SELECT id FROM products WHERE sku = 'LAMP'");
    const auto store = query_number(shop, "SELECT id FROM stores WHERE name = 'North'");
    CHECK(client.post("/orders/", order_body(store, {{lamp, 1}})).status == 201);
    server.kill();
    REQUIRE(fs::file_size(shop.string() + "-wal") > 0);
  }

  static void must(const std::vector<std::string>& command) {
    const ProgramResult result = run_program(command);
    REQUIRE_MESSAGE(result.exit_status == 0, result.err);
  }

  ProgramResult restore(std::vector<std::string> arguments, Setting setting = {}) const {
    arguments.insert(arguments.begin(), "restore");
    arguments.insert(arguments.end(), {"--database", shop.string()});
    setting.folder = folder.path();
    return run_program(arguments, setting);
  }

  // Refused, and every file is as it was.
  void check_refused_restore(const std::vector<std::string>& arguments, std::string_view why,
                             const Setting& setting = {}, int line = __builtin_LINE()) const {
    const auto before = files();
    check_refused(restore(arguments, setting), why, line);
    CHECK(files() == before);
  }

  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> result;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      if (entry.path().string().ends_with("-shm") || !entry.is_regular_file()) continue;
      result[entry.path().filename().string()] = read_file(entry.path());
    }
    return result;
  }

  // The one that is kept.
  fs::path kept(std::string_view ending = "Z") const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("shop.db.replaced-") && name.ends_with(ending)) found.push_back(entry.path());
    }
    REQUIRE(found.size() == 1);
    return found.front();
  }

  TemporaryFolder folder;
  fs::path shop = folder / "shop.db";
  fs::path backup = folder / "backup.db";
};

void check_without_log(const fs::path& database) {
  for (const char* const suffix : {"-wal", "-shm", "-journal", ".aforro-partial"}) {
    CHECK(!fs::exists(database.string() + suffix));
  }
}

}  // namespace

TEST_CASE("a backup becomes the database where there is none") {
  const ShopAndBackup scene;
  fs::remove(scene.shop);
  const ProgramResult said = scene.restore({"backup.db"});
  CHECK(said.exit_status == 0);
  CHECK(said.err.empty());
  CHECK(has(said.out, "shop.db: "));
  CHECK(has(said.out, "verified: categories 5, products 12"));
  CHECK(read_file(scene.shop) == read_file(scene.backup));
  CHECK(scene.files().size() == 2);
  check_without_log(scene.shop);
  CHECK(orders_in(scene.shop) == 0);
  scene.order();
  check_verified(scene.shop);
}

TEST_CASE("a database that is there is replaced only if told, and kept") {
  const ShopAndBackup scene;
  ::chmod(scene.shop.c_str(), 0660);
  scene.check_refused_restore({"backup.db"}, "already; --force puts the backup in its place");
  const ProgramResult said = scene.restore({"backup.db", "--force", "--json"});
  CHECK(said.exit_status == 0);
  const json document = parse(said.out);
  CHECK(document["kept"] == scene.kept().string());
  CHECK(document["kept_logs"].empty());
  CHECK(document["holds"]["products"] == 12);
  CHECK(orders_in(scene.shop) == 0);
  CHECK(orders_in(scene.kept()) == 1);
  struct stat status {};
  REQUIRE(::stat(scene.shop.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0660);
  check_verified(scene.shop);
  check_verified(scene.kept());
}

TEST_CASE("the log of a killed server goes with the old shop and is not played into the restored one") {
  const ShopAndBackup scene;
  scene.leave_log();
  const ProgramResult said = scene.restore({"backup.db", "--force"});
  CHECK(said.exit_status == 0);
  CHECK(has(said.err, "what was there is kept as "));
  check_without_log(scene.shop);
  CHECK(orders_in(scene.shop) == 0);
  CHECK(orders_in(scene.kept()) == 2);
  check_verified(scene.shop);
  check_verified(scene.kept());
}

TEST_CASE("a log whose database is gone is kept, and not played into the restored one") {
  const ShopAndBackup scene;
  scene.leave_log();
  fs::remove(scene.shop);
  const std::string log = read_file(scene.shop.string() + "-wal");
  const ProgramResult said = scene.restore({"backup.db"});
  CHECK(said.exit_status == 0);
  CHECK(has(said.err, "a log that was there is kept as "));
  CHECK(read_file(scene.kept("Z-wal")) == log);
  check_without_log(scene.shop);
  CHECK(orders_in(scene.shop) == 0);
}

TEST_CASE("a log that another file left goes with the old shop as it is, and is played into neither") {
  const ShopAndBackup scene;
  const std::string older = read_file(scene.shop);
  scene.order();
  scene.leave_log();
  scene.folder.write("shop.db", older);  // put back by hand, under the log of the one that was there
  const std::string log = read_file(scene.shop.string() + "-wal");
  CHECK(scene.restore({"backup.db", "--force"}).exit_status == 0);
  CHECK(read_file(scene.kept()) == older);
  CHECK(read_file(scene.kept("Z-wal")) == log);
  check_without_log(scene.shop);
  CHECK(orders_in(scene.shop) == 0);
}

TEST_CASE("a database that is damaged is replaced as well, and kept as it is") {
  const ShopAndBackup scene;
  const std::string damaged(50'000, 'x');
  scene.folder.write("shop.db", damaged);
  CHECK(scene.restore({"backup.db", "--force"}).exit_status == 0);
  CHECK(read_file(scene.kept()) == damaged);
  CHECK(orders_in(scene.shop) == 0);
  check_verified(scene.shop);
}

TEST_CASE("nothing is restored while a server, a command or another program has the database open") {
  const ShopAndBackup scene;
  {
    Server server(scene.shop);
    CHECK(HttpClient(server.port()).get("/api/stores/").status == 200);
    check_refused(scene.restore({"backup.db", "--force"}), "is in use by another process");
    CHECK(HttpClient(server.port()).get("/api/stores/").status == 200);
    scene.order();
    CHECK(server.stop() == 0);
    CHECK(orders_in(scene.shop) == 2);
  }
  {
    SQLite::Database other(scene.shop, SQLite::OPEN_READWRITE);
    other.exec("BEGIN");
    CHECK(other.execAndGet("SELECT count(*) FROM orders").getInt() == 2);
    check_refused(scene.restore({"backup.db", "--force"}), "is in use by another process");
    other.exec("COMMIT");
  }
  CHECK(orders_in(scene.shop) == 2);
  CHECK(scene.restore({"backup.db", "--force"}).exit_status == 0);
}

TEST_CASE("what is no whole backup of a shop is refused before anything is touched") {
  const ShopAndBackup scene;
  const std::string whole = read_file(scene.backup);
  const auto check = [&](const std::string& bytes, std::string_view why, int line = __builtin_LINE()) {
    scene.folder.write("bad.db", bytes);
    scene.check_refused_restore({"bad.db", "--force"}, why, {}, line);
    scene.check_refused_restore({"-", "--force"}, why, {.input = bytes}, line);
  };
  check("", "is not a database");
  check("Buy milk.\n", "is not a database");
  check(std::string(100'000, 'x'), "is not a database");
  check("\x1f\x8b\x08", "is packed by gzip: gunzip -c FILE | aforro restore -");
  check(whole.substr(0, 99), "is not a database");
  check(whole.substr(0, 4096), "is damaged: it is shorter than it says");
  check(whole.substr(0, whole.size() - 1), "is damaged: it is shorter than it says");
  std::string other = whole;
  other[68] = 'X';
  check(other, "belongs to another program");
  std::string newer = whole;
  newer[61] = 9;  // the oldest program that may use it
  check(newer, "newer version of this program");
  std::string without_log = whole;
  without_log[63] = 0;
  check(without_log, "holds no shop: it was copied without its log");

  fs::create_directory(scene.folder / "folder");
  scene.check_refused_restore({"folder", "--force"}, "folder is no regular file");
  scene.check_refused_restore({"none.db", "--force"}, "there is no file none.db");
  scene.check_refused_restore({"/dev/null", "--force"}, "/dev/null is no regular file");
  scene.check_refused_restore({"shop.db", "--force"}, "shop.db is the database itself");
  fs::create_symlink(scene.shop, scene.folder / "link.db");
  scene.check_refused_restore({"link.db", "--force"}, "link.db is the database itself");
  for (const char* const suffix : {"-wal", "-journal", "-shm"}) {
    const fs::path log = scene.folder.write("backup.db" + std::string(suffix), "x");
    scene.check_refused_restore({"backup.db", "--force"}, "that is or was in use");
    fs::remove(log);
  }
  SQLite::Database(scene.folder / "other.db", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE t (x)");
  check_refused(run_program({"restore", scene.backup.string(), "--force", "--database",
                             (scene.folder / "other.db").string()}),
                "belongs to another program");
  check_refused(run_program({"restore", scene.backup.string(), "--database",
                             (scene.folder / "none" / "shop.db").string()}),
                "there is no folder");
}

TEST_CASE("a backup with faults is refused with their names, unless it is to be taken as it is") {
  const ShopAndBackup scene;
  query_texts(scene.backup, "UPDATE inventory SET quantity = quantity + 1 WHERE quantity = 5");
  const auto before = scene.files();
  const ProgramResult refused = scene.restore({"backup.db", "--force"});
  CHECK(refused.exit_status == 1);
  CHECK(refused.out.empty());
  CHECK(has(refused.err, "holds 6, its movements make 5"));
  CHECK(has(refused.err, "so nothing was restored; --no-verify takes it as it is"));
  CHECK(scene.files() == before);
  const ProgramResult said = scene.restore({"backup.db", "--force", "--no-verify"});
  CHECK(said.exit_status == 0);
  CHECK(has(said.out, "not verified"));
  CHECK(orders_in(scene.shop) == 0);
}

TEST_CASE("pages of nonsense in a backup are found before anything is touched") {
  const ShopAndBackup scene;
  std::string bytes = read_file(scene.backup);
  for (std::size_t i = 0; i < 4096; ++i) bytes[12 * 4096 + i] = static_cast<char>(i * 151 + 7);
  scene.folder.write("backup.db", bytes);
  const auto before = scene.files();
  const ProgramResult refused = scene.restore({"backup.db", "--force"});
  CHECK(refused.exit_status == 1);
  CHECK(has(refused.err, "so nothing was restored"));
  CHECK(scene.files() == before);
}

TEST_CASE("a backup comes by standard input as well") {
  const ShopAndBackup scene;
  const ProgramResult said = scene.restore({"-", "--force"}, {.input = read_file(scene.backup)});
  CHECK(said.exit_status == 0);
  CHECK(orders_in(scene.shop) == 0);
  CHECK(orders_in(scene.kept()) == 1);
}

TEST_CASE("a plain copy of a database is restored, and said to be one") {
  const ShopAndBackup scene;
  fs::copy_file(scene.shop, scene.folder / "plain.db");
  const ProgramResult said = scene.restore({"plain.db", "--force"});
  CHECK(said.exit_status == 0);
  CHECK(has(said.err, "note: the backup is a plain copy of a database"));
  CHECK(orders_in(scene.shop) == 1);
}

TEST_CASE("a database that is reached by a symbolic link is replaced where it lies") {
  const ShopAndBackup scene;
  fs::create_directory(scene.folder / "data");
  const fs::path real = scene.folder / "data" / "real.db";
  fs::rename(scene.shop, real);
  fs::create_symlink("data/real.db", scene.shop);
  CHECK(scene.restore({"backup.db", "--force"}).exit_status == 0);
  CHECK(fs::is_symlink(scene.shop));
  CHECK(orders_in(real) == 0);
  int kept = 0;
  for (const auto& entry : fs::directory_iterator(scene.folder / "data")) {
    if (entry.path().filename().string().starts_with("real.db.replaced-")) ++kept;
  }
  CHECK(kept == 1);
}

TEST_CASE("a full disk is one line, and the database stays as it was") {
  const ShopAndBackup scene;
  for (const std::uint64_t bytes : {40'000U, 60'000U}) {
    scene.check_refused_restore({"backup.db", "--force"}, "can't be written: File too large",
                                {.limits = {{RLIMIT_FSIZE, bytes}}});
    scene.check_refused_restore({"-", "--force"}, "can't be written: File too large",
                                {.input = read_file(scene.backup), .limits = {{RLIMIT_FSIZE, bytes}}});
  }
}

TEST_CASE("a folder that can't be written keeps its database") {
  const ShopAndBackup scene;
  ::chmod(scene.folder.path().c_str(), 0500);
  check_refused(run_program({"restore", scene.backup.string(), "--force", "--database", scene.shop.string()}),
                "shop.db can't be written: Permission denied");
  ::chmod(scene.folder.path().c_str(), 0700);
  CHECK(orders_in(scene.shop) == 1);
}

TEST_CASE("restored twice within a second, both that were there are kept") {
  const ShopAndBackup scene;
  CHECK(scene.restore({"backup.db", "--force"}).exit_status == 0);
  CHECK(scene.restore({"backup.db", "--force"}).exit_status == 0);
  CHECK(scene.restore({"backup.db", "--force"}).exit_status == 0);
  CHECK(scene.files().size() == 5);
}

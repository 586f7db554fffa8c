// `aforro backup` as it is called: what it leaves, beside a server and when it is cut short, and what it
// refuses.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/http_client.h"
#include "support/json.h"
#include "support/program.h"
#include "support/shop.h"
#include "support/temporary_folder.h"
#include "support/terminal.h"
#include "support/wait_until.h"

using namespace aforro::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct QuietShop {
  explicit QuietShop(Goods goods = Goods::corner) : database(make_database(goods, folder).file()) {}

  ProgramResult backup(std::vector<std::string> arguments, Setting setting = {}) const {
    arguments.insert(arguments.begin(), "backup");
    arguments.insert(arguments.end(), {"--database", database.string()});
    if (setting.folder.empty()) setting.folder = folder.path();
    return run_program(arguments, setting);
  }

  // Refused, and nothing came of it: the folders have what they had.
  void check_refused_backup(const std::vector<std::string>& arguments, std::string_view why,
                            int line = __builtin_LINE()) const {
    const auto before = names();
    check_refused(backup(arguments), why, line);
    CHECK(names() == before);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
      result.push_back(entry.path().string());
    }
    std::sort(result.begin(), result.end());
    return result;
  }

  TemporaryFolder folder;
  fs::path database;
};

// Every row of every table, as SQLite itself writes them.
std::vector<std::string> dump(const fs::path& file) {
  std::vector<std::string> rows;
  SQLite::Database database(file.string(), SQLite::OPEN_READONLY);
  std::vector<std::string> tables;
  SQLite::Statement names(database,
                          "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY 1");
  while (names.executeStep()) tables.push_back(names.getColumn(0).getString());
  for (const std::string& table : tables) {
    SQLite::Statement statement(database, "SELECT * FROM \"" + table + '"');
    while (statement.executeStep()) {
      std::string row = table;
      for (int i = 0; i < statement.getColumnCount(); ++i) {
        row += '|' + std::string(statement.getColumn(i).getString());
      }
      rows.push_back(row);
    }
  }
  return rows;
}

bool is_without_log(const fs::path& file) {
  for (const char* const suffix : {"-wal", "-shm", "-journal", ".aforro-partial"}) {
    if (fs::exists(file.string() + suffix)) return false;
  }
  const std::string bytes = read_file(file);
  return bytes.size() > 100 && bytes[18] == 1 && bytes[19] == 1;  // and its head says so
}

mode_t permissions(const fs::path& file) {
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

// A database that a backup waits for: nobody can read it as long as this lives.
class Occupied {
 public:
  explicit Occupied(const fs::path& database) : database_(database.string(), SQLite::OPEN_READWRITE) {
    database_.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  }

 private:
  SQLite::Database database_;
};

}  // namespace

TEST_CASE("a backup is one file without a log that has all that the shop has, and a line says so") {
  const QuietShop shop(Goods::demo);
  ::chmod(shop.database.c_str(), 0640);
  const auto rows = dump(shop.database);
  const auto names = shop.names();
  const std::string bytes = read_file(shop.database);

  const ProgramResult said = shop.backup({"copy.db"});
  CHECK(said.exit_status == 0);
  CHECK(said.err.empty());
  CHECK(said.out.starts_with("copy.db: "));
  CHECK(has(said.out, " MB in "));
  CHECK(has(said.out, " s, verified: categories 12, products 1,200, stores 24, "));

  const fs::path copy = shop.folder / "copy.db";
  CHECK(is_without_log(copy));
  CHECK(permissions(copy) == 0640);
  CHECK(dump(copy) == rows);
  CHECK(read_file(shop.database) == bytes);
  CHECK(shop.names().size() == names.size() + 1);
  check_verified(copy);
}

TEST_CASE("a backup says as a document what it made") {
  const QuietShop shop;
  const ProgramResult said = shop.backup({"copy.db", "--json"});
  CHECK(said.exit_status == 0);
  const json made = parse(said.out);
  CHECK(made["file"] == "copy.db");
  CHECK(made["bytes"] == fs::file_size(shop.folder / "copy.db"));
  CHECK(made["is_verified"] == true);
  CHECK(made["fault_count"] == 0);
  CHECK(made["holds"]["products"] == 12);
  CHECK(made["seconds"].get<double>() >= 0);
}

TEST_CASE("beside a server under orders a backup has every order that was acknowledged before it began") {
  Shop shop(Goods::corner);
  std::atomic<bool> is_over = false;
  std::atomic<std::int64_t> acknowledged = 0;  // ids are given in order
  std::atomic<int> failed = 0;
  const std::int64_t store = shop.store("North");
  const std::int64_t lamp = shop.product("LAMP");
  std::vector<std::thread> customers;
  customers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    customers.emplace_back([&] {
      HttpClient client = shop.connect();
      while (!is_over) {
        const HttpResponse answer = client.post("/orders/", order_body(store, {{lamp, 1}}));
        if (answer.status != 201) {
          ++failed;
          continue;
        }
        ++acknowledged;
      }
    });
  }
  std::vector<ProgramResult> said;
  std::vector<std::int64_t> before;
  for (int i = 0; i < 3; ++i) {
    before.push_back(wait_until([&] { return acknowledged > 20 * (i + 1); }) ? acknowledged.load() : 1 << 30);
    said.push_back(
        shop.command({"backup", (shop.folder() / ("copy-" + std::to_string(i) + ".db")).string()}));
  }
  is_over = true;
  for (std::thread& customer : customers) customer.join();

  for (std::size_t i = 0; i < said.size(); ++i) {
    INFO(said[i].out, said[i].err);
    CHECK(said[i].exit_status == 0);
    const fs::path copy = shop.folder() / ("copy-" + std::to_string(i) + ".db");
    CHECK(is_without_log(copy));
    CHECK(query_number(copy, "SELECT count(*) FROM orders") >= before[i]);
    check_verified(copy);
  }
  CHECK(failed == 0);
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == acknowledged);
}

TEST_CASE("what only the log of a killed server has is in the backup") {
  Shop shop(Goods::corner);
  const std::string order = order_body(shop.store("North"), {{shop.product("LAMP"), 1}});
  for (int i = 0; i < 3; ++i) CHECK(shop.client().post("/orders/", order).status == 201);
  shop.server().kill();
  CHECK(fs::file_size(shop.database().string() + "-wal") > 0);
  CHECK(shop.command({"backup", (shop.folder() / "copy.db").string()}).exit_status == 0);
  CHECK(query_number(shop.folder() / "copy.db", "SELECT count(*) FROM orders") == 3);
  shop.restart();
}

TEST_CASE("a file under the log of another one is not backed up, since both would blend") {
  Shop shop(Goods::corner);
  const std::string order = order_body(shop.store("North"), {{shop.product("LAMP"), 1}});
  const fs::path file = shop.database().file();
  shop.server().stop();
  const std::string older = read_file(file);
  shop.restart();
  for (int i = 0; i < 3; ++i) CHECK(shop.client().post("/orders/", order).status == 201);
  shop.server().stop();
  shop.restart();
  CHECK(shop.client().post("/orders/", order).status == 201);
  shop.server().kill();
  shop.folder().write("aforro.db", older);
  check_refused(shop.command({"backup", (shop.folder() / "copy.db").string()}),
                "does not belong to the log beside it");
  CHECK(!fs::exists(shop.folder() / "copy.db"));
  fs::remove(file.string() + "-wal");
  shop.restart();
}

TEST_CASE("a backup replaces nothing unless told to, and then in one step") {
  const QuietShop shop;
  const fs::path copy = shop.folder.write("copy.db", "mine");
  shop.check_refused_backup({"copy.db"}, "copy.db is there already; --force replaces it");
  CHECK(read_file(copy) == "mine");
  CHECK(shop.backup({"copy.db", "--force"}).exit_status == 0);
  check_verified(copy);
  // A link is replaced, not what it leads to.
  const fs::path other = shop.folder.write("other", "mine");
  fs::create_symlink("other", shop.folder / "link.db");
  shop.check_refused_backup({"link.db"}, "is there already");
  CHECK(shop.backup({"link.db", "--force"}).exit_status == 0);
  CHECK(read_file(other) == "mine");
  CHECK(fs::is_regular_file(fs::symlink_status(shop.folder / "link.db")));
}

TEST_CASE("a backup is not made over the database, nor where a database would take it for its own") {
  const QuietShop shop;
  const std::string bytes = read_file(shop.database);
  fs::create_symlink(shop.database, shop.folder / "link.db");
  fs::create_directory(shop.folder / "folder");
  fs::create_directory_symlink(shop.folder.path(), shop.folder / "folder" / "same");
  for (const auto* const name :
       {"aforro.db", "./aforro.db", "link.db", "folder/../aforro.db", "folder/same/aforro.db"}) {
    CAPTURE(name);
    shop.check_refused_backup({name, "--force"}, "is the database itself");
  }
  for (const auto* const name : {"aforro.db-wal", "aforro.db-shm", "aforro.db-journal", "other.db-wal"}) {
    CAPTURE(name);
    shop.check_refused_backup({name}, "would be taken for a part of a database");
    shop.check_refused_backup({name, "--force"}, "would be taken for a part of a database");
  }
  for (const auto* const suffix : {"-wal", "-shm", "-journal"}) {
    CAPTURE(suffix);
    const fs::path log = shop.folder.write("copy.db" + std::string(suffix), "");
    shop.check_refused_backup({"copy.db", "--force"}, "copy.db" + std::string(suffix) + " lies beside");
    fs::remove(log);
  }
  CHECK(read_file(shop.database) == bytes);
}

TEST_CASE("a backup goes to a file in a folder that there is and that may be written") {
  const QuietShop shop;
  fs::create_directory(shop.folder / "folder");
  fs::create_directory(shop.folder / "closed");
  ::chmod((shop.folder / "closed").c_str(), 0500);
  shop.folder.write("file", "");
  shop.check_refused_backup({"folder"}, "folder is a folder; name a file in it");
  shop.check_refused_backup({"folder", "--force"}, "folder is a folder; name a file in it");
  shop.check_refused_backup({"none/copy.db"}, "there is no folder none");
  shop.check_refused_backup({"none/"}, "there is no folder none");
  shop.check_refused_backup({"file/copy.db"}, "can't be written: Not a directory");
  shop.check_refused_backup({"closed/copy.db"}, "closed/copy.db can't be written: Permission denied");
  shop.check_refused_backup({"/dev/null", "--force"}, "/dev/null is no regular file");
  CHECK(shop.backup({""}).exit_status == 2);
  CHECK(shop.backup({}).exit_status == 2);
  ::chmod((shop.folder / "closed").c_str(), 0700);
}

TEST_CASE("a backup refuses what the other commands refuse, and leaves it alone") {
  const TemporaryFolder folder;
  const auto check = [&](const std::string& database, std::string_view why, int line = __builtin_LINE()) {
    check_refused(run_program({"backup", (folder / "copy.db").string(), "--database", database}), why, line);
    CHECK(!fs::exists(folder / "copy.db"));
    CHECK(!fs::exists(folder / "copy.db.aforro-partial"));
  };
  check((folder / "none.db").string(), "there is no database at");
  CHECK(!fs::exists(folder / "none.db"));
  check(folder.write("empty.db", "").string(), "there is no database at");
  check(folder.write("notes.db", std::string(5000, 'x')).string(), "is not a database");
  SQLite::Database(folder / "other.db", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE t (x)");
  check((folder / "other.db").string(), "belongs to another program");
  const fs::path newer = make_database(Goods::corner, folder).file();
  query_texts(newer, "PRAGMA user_version = 9999");
  check(newer.string(), "newer version of this program");
  query_texts(newer, "PRAGMA user_version = 0");
  check(newer.string(), "there is no shop in");
}

TEST_CASE("standard output gets the whole backup, and nothing else") {
  const QuietShop shop(Goods::demo);
  REQUIRE(shop.backup({"copy.db"}).exit_status == 0);
  const std::string copy = read_file(shop.folder / "copy.db");
  const TemporaryFolder temporary;
  const ProgramResult said =
      shop.backup({"-"}, {.environment = {{"TMPDIR", temporary.path().string()}}, .folder = {}});
  CHECK(said.exit_status == 0);
  CHECK(said.out == copy);
  CHECK(has(said.err, "standard output: "));
  CHECK(has(said.err, "verified: categories 12"));
  CHECK(fs::is_empty(temporary.path()));

  CHECK(shop.backup({"-", "--json"}).exit_status == 2);
  Terminal terminal({"backup", "-", "--database", shop.database.string()});
  CHECK(terminal.waits_for("a terminal"));
  CHECK(terminal.finish() == 2);
  // A full disk on the other side is a failure that is said.
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const TemporaryFolder log;
  const int err = ::open((log / "err").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  Process process({program_path().string(), "backup", "-", "--database", shop.database.string()},
                  {.environment = {{"TMPDIR", temporary.path().string()}}}, nothing, ends[1], err);
  CHECK(process.wait(std::chrono::minutes(1)) == 1);
  for (const int descriptor : {ends[1], nothing, err}) ::close(descriptor);
  CHECK(has(read_file(log / "err"), "aforro: the backup can't be written to standard output: Broken pipe"));
  CHECK(fs::is_empty(temporary.path()));
}

TEST_CASE("a disk that is full is one line, and nothing is left") {
  const QuietShop shop(Goods::demo);
  const auto before = shop.names();
  for (const std::uint64_t bytes : {100'000U, 1'000'000U, 2'000'000U}) {
    CAPTURE(bytes);
    const ProgramResult said = shop.backup({"copy.db"}, {.folder = {}, .limits = {{RLIMIT_FSIZE, bytes}}});
    check_refused(said, "copy.db can't be written: File too large");
    CHECK(shop.names() == before);
  }
}

TEST_CASE("a backup that is told to end leaves nothing") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    CAPTURE(signal);
    const QuietShop shop;
    const Occupied occupied(shop.database);
    Program program({"backup", (shop.folder / "copy.db").string(), "--database", shop.database.string()});
    REQUIRE(wait_until([&] { return fs::exists(shop.folder / "copy.db.aforro-partial"); }));
    program.signal(signal);
    CHECK(program.finish().exit_status == -signal);
    CHECK(!fs::exists(shop.folder / "copy.db"));
    CHECK(!fs::exists(shop.folder / "copy.db.aforro-partial"));
  }
}

TEST_CASE(
    "what a killed backup leaves has another name, is not read by others, and is taken over by the next") {
  const QuietShop shop;
  const fs::path partial = shop.folder / "copy.db.aforro-partial";
  {
    const Occupied occupied(shop.database);
    Program program({"backup", (shop.folder / "copy.db").string(), "--database", shop.database.string()});
    REQUIRE(wait_until([&] { return fs::exists(partial); }));
    // Meanwhile nobody else makes one under that name.
    check_refused(shop.backup({"copy.db"}), "another process is writing copy.db just now");
    program.signal(SIGKILL);
    CHECK(program.finish().exit_status == -SIGKILL);
  }
  CHECK(!fs::exists(shop.folder / "copy.db"));
  CHECK(permissions(partial) == 0600);
  shop.folder.write("copy.db.aforro-partial", std::string(100'000, 'x'));  // as if it had got further
  CHECK(shop.backup({"copy.db"}).exit_status == 0);
  CHECK(!fs::exists(partial));
  check_verified(shop.folder / "copy.db");
}

TEST_CASE("killed anywhere, a backup is there whole or not at all") {
  const QuietShop shop(Goods::demo);
  int killed = 0;
  for (int i = 0; i < 12; ++i) {
    const fs::path copy = shop.folder / ("copy-" + std::to_string(i) + ".db");
    Program program({"backup", copy.string(), "--database", shop.database.string()});
    const auto wanted = static_cast<std::uintmax_t>(i) * 300'000;
    wait_until([&] {
      std::error_code gone;
      const auto bytes = fs::file_size(copy.string() + ".aforro-partial", gone);
      return (!gone && bytes >= wanted) || fs::exists(copy);
    });
    program.signal(SIGKILL);
    if (program.finish().exit_status == -SIGKILL) ++killed;
    if (fs::exists(copy)) check_verified(copy);
  }
  CHECK(killed > 0);
  check_verified(shop.database);
}

TEST_CASE("a shop with faults is backed up with its faults, which are said") {
  const QuietShop shop;
  query_texts(shop.database, "UPDATE inventory SET quantity = quantity + 1 WHERE quantity = 5");
  const ProgramResult said = shop.backup({"copy.db"});
  CHECK(said.exit_status == 1);
  CHECK(has(said.out, "copy.db: "));
  CHECK(has(said.err, "holds 6, its movements make 5"));
  CHECK(has(said.err, "aforro: 1 fault in "));
  CHECK(has(said.err, "which the backup has as well"));
  CHECK(query_number(shop.folder / "copy.db", "SELECT count(*) FROM products") == 12);
}

TEST_CASE("a damaged file is not backed up unless told to take it as it is") {
  const QuietShop shop(Goods::demo);
  std::string bytes = read_file(shop.database);
  for (std::size_t i = 0; i < 4096; ++i) bytes[400 * 4096 + i] = static_cast<char>(i * 151 + 7);
  shop.folder.write("aforro.db", bytes);
  shop.check_refused_backup({"copy.db"}, "the database is damaged, and so would be its backup: ");
  const ProgramResult said = shop.backup({"copy.db", "--no-verify"});
  CHECK(said.exit_status == 0);
  CHECK(has(said.out, "not verified"));
  CHECK(fs::file_size(shop.folder / "copy.db") == bytes.size());
}

TEST_CASE("on a terminal the backup tells how far it is, and takes that away again") {
  const QuietShop shop;
  Terminal terminal({"backup", (shop.folder / "copy.db").string(), "--database", shop.database.string()});
  CHECK(terminal.waits_for(" s, verified: categories 5"));
  CHECK(terminal.finish() == 0);
}

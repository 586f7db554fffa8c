#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/program.h"
#include "support/shop.h"
#include "support/temporary_folder.h"

using namespace aforro::test;
namespace fs = std::filesystem;

namespace {

using Command = std::vector<std::string>;

// Every command that opens a database, but for `serve` in a form that would end by itself.
std::vector<Command> all_commands(const TemporaryFolder& folder) {
  const std::string products = folder.write("products.csv", "title,price,category\nMug,1,Kitchen\n").string();
  const std::string counted = folder.write("counted.csv", "store,product_id,quantity\n1,1,5\n").string();
  return {{"serve", "--listen", "127.0.0.1:0"},
          {"migrate"},
          {"seed"},
          {"createsuperuser", "--username", "ada", "--password-stdin"},
          {"search", "mug"},
          {"suggest", "mug"},
          {"order", "--store", "1", "--item", "1:1"},
          {"orders", "1"},
          {"inventory", "1"},
          {"movements", "1"},
          {"jobs"},
          {"verify"},
          {"import", "products", products},
          {"import", "inventory", counted}};
}

const std::vector<std::string> kCreating{"serve", "migrate", "seed", "createsuperuser"};

bool only_reads(const Command& command) {
  const std::vector<std::string> reading{"search",    "suggest", "orders", "inventory",
                                         "movements", "jobs",    "verify"};
  return std::find(reading.begin(), reading.end(), command.front()) != reading.end();
}

bool creates(const Command& command) {
  return std::find(kCreating.begin(), kCreating.end(), command.front()) != kCreating.end() ||
         (command.front() == "import" && command[1] == "products");
}

ProgramResult run_on(Command command, const fs::path& database, Setting setting = {}) {
  command.insert(command.end(), {"--database", database.string()});
  setting.input = "correct horse\n";
  setting.timeout = std::chrono::seconds(20);
  return run_program(command, setting);
}

std::string name_of(const Command& command) {
  return command.front() == "import" ? command[0] + ' ' + command[1] : command.front();
}

// Lines that say why; an import may have said before what it understood.
int refusals_in(const std::string& err) {
  int count = 0;
  for (std::size_t at = err.find("aforro: "); at != std::string::npos; at = err.find("\naforro: ", at + 1))
    ++count;
  return count;
}

// Refused with one line that names the file.
void check_refused(const ProgramResult& result, const fs::path& database, std::string_view why,
                   int line = __builtin_LINE()) {
  aforro::test::check_refused(result, why, line);
  CHECK(has(result.err, database.filename().string()));
}

// Every command refuses the file, and leaves it and its folder as they were.
// Also of one that its owner may not read.
std::string content_of(const fs::path& file) {
  const fs::perms mode = fs::status(file).permissions();
  fs::permissions(file, fs::perms::owner_read, fs::perm_options::add);
  std::string content = read_file(file);
  fs::permissions(file, mode);
  return content;
}

void check_left_alone(const std::function<fs::path(const TemporaryFolder&)>& make, const std::string& why,
                      const std::function<bool(const Command&)>& but_for = {}) {
  const TemporaryFolder inputs;
  for (const Command& command : all_commands(inputs)) {
    CAPTURE(name_of(command));
    if (but_for && but_for(command)) continue;
    const TemporaryFolder folder;
    const fs::path file = make(folder);
    const std::string before = content_of(file);
    check_refused(run_on(command, file), file, why);
    CHECK(content_of(file) == before);
    CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
  }
}

}  // namespace

TEST_CASE("commands that only look or order say that there is no database, and make none") {
  const TemporaryFolder inputs;
  for (const Command& command : all_commands(inputs)) {
    if (creates(command)) continue;
    CAPTURE(name_of(command));
    const TemporaryFolder folder;
    check_refused(run_on(command, folder / "none.db"), folder / "none.db", "there is no database at");
    CHECK(fs::is_empty(folder.path()));
    // An empty file counts as missing too.
    folder.write("empty.db", "");
    check_refused(run_on(command, folder / "empty.db"), folder / "empty.db", "there is no database at");
    CHECK(fs::file_size(folder / "empty.db") == 0);
  }
}

TEST_CASE("commands that make a database do so where there is none, or an empty file") {
  const TemporaryFolder inputs;
  for (const Command& command : all_commands(inputs)) {
    if (!creates(command) || command.front() == "serve") continue;
    CAPTURE(name_of(command));
    const TemporaryFolder folder;
    folder.write("empty.db", "");
    for (const char* const name : {"new.db", "empty.db"}) {
      const ProgramResult result = run_on(command, folder / name);
      CHECK_MESSAGE(result.exit_status == 0, result.err);
      CHECK(run_on({"inventory", "999"}, folder / name).err.find("no store") != std::string::npos);
    }
  }
  const TemporaryFolder folder;
  folder.write("empty.db", "");
  for (const char* const name : {"new.db", "empty.db"}) {
    Server server(folder / name);
    CHECK(HttpClient(server.port()).get("/api/stores/").body == "[]");
    CHECK(server.stop() == 0);
  }
}

TEST_CASE("a text file is no database and is left alone") {
  check_left_alone([](const TemporaryFolder& folder) { return folder.write("notes.db", "Buy milk.\n"); },
                   "is not a database");
  check_left_alone(
      [](const TemporaryFolder& folder) { return folder.write("long.db", std::string(100'000, 'x')); },
      "is not a database");
  check_left_alone([](const TemporaryFolder& folder) { return folder.write("short.db", "SQLite format 3"); },
                   "is not a database");
}

TEST_CASE("another program's database is left alone") {
  const auto make = [](const std::string& sql) {
    return [sql](const TemporaryFolder& folder) {
      SQLite::Database(folder.path() / "other.db", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(sql);
      return folder.path() / "other.db";
    };
  };
  check_left_alone(make("PRAGMA application_id = 252006674; CREATE TABLE t (x)"),
                   "belongs to another program");
  check_left_alone(make("CREATE TABLE orders (id INTEGER PRIMARY KEY)"), "belongs to another program");
  check_left_alone(make("PRAGMA user_version = 1"), "belongs to another program");
}

TEST_CASE("a database of a newer version of the program is left alone") {
  const TemporaryFolder inputs;
  for (const Command& command : all_commands(inputs)) {
    CAPTURE(name_of(command));
    const TemporaryFolder folder;
    const fs::path file = make_database(Goods::corner, folder).file();
    SQLite::Database(file, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 9999");
    const ProgramResult result = run_on(command, file);
    INFO(result.err);
    CHECK(result.exit_status == 1);
    check_refused(result, file, "newer version of this program");
    CHECK(query_number(file, "PRAGMA user_version") == 9999);
    CHECK(query_number(file, "SELECT count(*) FROM products") == 12);
    CHECK(query_number(file, "SELECT count(*) FROM orders") == 0);
    CHECK(query_number(file, "SELECT count(*) FROM users") == 0);
  }
}

TEST_CASE("a database that was cut off is refused, and left alone") {
  const auto cut = [](std::uintmax_t bytes) {
    return [bytes](const TemporaryFolder& folder) {
      const fs::path file = make_database(Goods::corner, folder).file();
      for (const char* const more : {"-wal", "-shm"}) fs::remove(file.string() + more);
      REQUIRE(fs::file_size(file) > bytes);
      fs::resize_file(file, bytes);
      return file;
    };
  };
  check_left_alone(cut(50), "is not a database");
  check_left_alone(cut(100), "is damaged");
  check_left_alone(cut(4'096), "is damaged");
  check_left_alone(cut(20'000), "is damaged");
}

TEST_CASE("a database with pages of nonsense is refused or read as far as it goes, and nothing breaks") {
  const TemporaryFolder inputs;
  for (const std::uintmax_t page : {0U, 1U, 2U, 5U}) {
    CAPTURE(page);
    for (const Command& command : all_commands(inputs)) {
      if (command.front() == "serve") continue;
      CAPTURE(name_of(command));
      const TemporaryFolder folder;
      const fs::path file = make_database(Goods::corner, folder).file();
      for (const char* const more : {"-wal", "-shm"}) fs::remove(file.string() + more);
      std::string bytes = read_file(file);
      const std::size_t from = page == 0 ? 100 : page * 4'096;
      for (std::size_t i = from; i < (page + 1) * 4'096 && i < bytes.size(); ++i) {
        bytes[i] = static_cast<char>(i * 131 % 251);
      }
      folder.write("aforro.db", bytes);
      const ProgramResult result = run_on(command, file);
      INFO(result.err);
      CHECK((result.exit_status == 0 || result.exit_status == 1));
      CHECK(std::count(result.err.begin(), result.err.end(), '\n') <= 4);  // two before an import begins
    }
  }
}

TEST_CASE("a database that may not be read, or not be written by what writes, is refused and left alone") {
  const auto with_mode = [](mode_t mode) {
    return [mode](const TemporaryFolder& folder) {
      const fs::path file = make_database(Goods::corner, folder).file();
      for (const char* const more : {"-wal", "-shm"}) fs::remove(file.string() + more);
      REQUIRE(::chmod(file.c_str(), mode) == 0);
      return file;
    };
  };
  check_left_alone(with_mode(0444), "cannot be written", only_reads);
  check_left_alone(with_mode(0000), "cannot be read");
}

TEST_CASE(
    "a folder in which nothing may be made is named by what writes, with a database in it and without") {
  const TemporaryFolder inputs;
  for (const Command& command : all_commands(inputs)) {
    CAPTURE(name_of(command));
    const TemporaryFolder folder;
    const fs::path file = make_database(Goods::corner, folder).file();
    for (const char* const more : {"-wal", "-shm"}) fs::remove(file.string() + more);
    REQUIRE(::chmod(folder.path().c_str(), 0555) == 0);
    const ProgramResult with = run_on(command, file);
    INFO(with.err);
    if (only_reads(command)) {
      CHECK(with.exit_status == 0);
    } else {
      CHECK(with.exit_status == 1);
      CHECK(has(with.err, "aforro.db"));
      CHECK(has(with.err, "its folder takes no files, " + folder.path().string()));
      CHECK(refusals_in(with.err) == 1);
    }
    const ProgramResult without = run_on(command, folder / "new.db");
    CHECK(without.exit_status == 1);
    CHECK(has(without.err, "new.db"));
    CHECK(refusals_in(without.err) == 1);
    REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
    CHECK(!fs::exists(folder / "new.db"));
  }
}

TEST_CASE("what is no file is refused at once") {
  const TemporaryFolder inputs;
  for (const Command& command : all_commands(inputs)) {
    CAPTURE(name_of(command));
    const TemporaryFolder folder;
    fs::create_directory(folder / "folder.db");
    REQUIRE(::mkfifo((folder / "pipe.db").c_str(), 0600) == 0);
    check_refused(run_on(command, folder / "folder.db"), folder / "folder.db", "is no regular file");
    check_refused(run_on(command, folder / "pipe.db"), folder / "pipe.db", "is no regular file");
    check_refused(run_on(command, "/dev/null"), "/dev/null", "is no regular file");
    CHECK(run_on(command, folder / "absent" / "aforro.db").exit_status == 1);
    CHECK(!fs::exists(folder / "absent"));
    const ProgramResult inside_a_file = run_on(command, inputs / "products.csv/aforro.db");
    CHECK(inside_a_file.exit_status == 1);
    CHECK(refusals_in(inside_a_file.err) == 1);
    const ProgramResult long_name = run_on(command, folder / std::string(300, 'x'));
    CHECK(long_name.exit_status == 1);
    CHECK(refusals_in(long_name.err) == 1);
    CHECK(run_on(command, folder / std::string(5'000, 'x')).exit_status == 1);
  }
}

TEST_CASE("a file may be named as its owner likes") {
  for (const std::string name :
       {"with space.db", "ünïcödé 茶.db", "quote'\".db", "new\nline.db", "percent%20?mode=memory.db", "#x.db",
        "-dash.db", ":colon.db", "*.db", "back\\slash.db", "\xFF\xFE.db", "file:x.db"}) {
    CAPTURE(name);
    const TemporaryFolder folder;
    const fs::path file = folder / name;
    const ProgramResult made = run_on(
        {"seed", "--products", "5", "--rows-per-store", "5", "--stores", "1", "--categories", "1"}, file);
    CHECK_MESSAGE(made.exit_status == 0, made.err);
    CHECK(fs::is_regular_file(file));
    CHECK(run_on({"inventory", "1"}, file).exit_status == 0);
    Server server(file);
    CHECK(HttpClient(server.port()).get("/stores/1/inventory/").header("X-Total-Count") == "5");
    CHECK(server.stop() == 0);
    // Nothing but the file (and the server's log beside it) is left.
    CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 2);
  }
}

TEST_CASE("a name that SQLite has a meaning for is a file of that name all the same") {
  for (const std::string name : {":memory:", "file:shop.db?mode=memory", "file::memory:", "file:%41.db"}) {
    CAPTURE(name);
    const TemporaryFolder folder;
    const auto run_here = [&](Command command) {
      command.insert(command.end(), {"--database", name});
      return run_program(command, {.folder = folder.path()});
    };
    const ProgramResult made =
        run_here({"seed", "--products", "5", "--rows-per-store", "5", "--stores", "1"});
    CHECK_MESSAGE(made.exit_status == 0, made.err);
    CHECK(fs::file_size(folder / name) > 4'096);
    CHECK(run_here({"inventory", "1"}).exit_status == 0);
    CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
  }
}

TEST_CASE("a folder that is not there is not passed over") {
  const TemporaryFolder folder;
  for (const std::string name : {"absent/shop.db", "absent/../shop.db", "./absent/./../shop.db"}) {
    CAPTURE(name);
    check_refused(run_on({"migrate"}, folder / name), folder / name, "No such file or directory");
    CHECK(fs::is_empty(folder.path()));
  }
}

TEST_CASE("a link to a database is the database") {
  const TemporaryFolder folder;
  const fs::path file = make_database(Goods::corner, folder).file();
  fs::create_symlink(file, folder / "link.db");
  CHECK(run_on({"order", "--store", "1", "--item", "1:1"}, folder / "link.db").exit_status == 0);
  CHECK(query_number(file, "SELECT count(*) FROM orders") == 1);
  CHECK(fs::is_symlink(folder / "link.db"));
  check_ledger(file);

  fs::create_symlink(folder / "nowhere.db", folder / "dangling.db");
  CHECK(run_on({"orders", "1"}, folder / "dangling.db").exit_status == 1);
  fs::create_symlink(folder / "loop.db", folder / "loop.db");
  CHECK(run_on({"migrate"}, folder / "loop.db").exit_status == 1);
}

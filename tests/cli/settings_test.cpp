// Where settings come from: flags, then the environment, then .env, then the configuration file.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/program.h"
#include "support/shop.h"
#include "support/temporary_folder.h"

using namespace aforro::test;
namespace fs = std::filesystem;

namespace {

using Environment = std::vector<std::pair<std::string, std::string>>;

// A folder to work in, with what each source of settings says.
struct Place {
  TemporaryFolder folder;
  Environment environment = {};

  ProgramResult run(const std::vector<std::string>& arguments) const {
    return run_program(arguments, {.environment = environment, .folder = folder.path()});
  }
  // Which of the databases of this folder `migrate` makes.
  std::string made_by_migrate(const std::vector<std::string>& flags = {}) const {
    std::vector<std::string> arguments{"migrate"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const ProgramResult result = run(arguments);
    INFO("it wrote: ", result.err);
    REQUIRE(result.exit_status == 0);
    std::string made;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      if (entry.path().extension() != ".db") continue;
      made += entry.path().filename().string();
      fs::remove(entry.path());
    }
    return made;
  }
};

}  // namespace

TEST_CASE("a flag counts before the environment, that before .env, and that before the configuration file") {
  Place place;
  CHECK(place.made_by_migrate() == "aforro.db");
  place.folder.write("aforro.conf", "database = conf.db\n");
  CHECK(place.made_by_migrate() == "conf.db");
  place.folder.write(".env", "AFORRO_DATABASE=dotenv.db\n");
  CHECK(place.made_by_migrate() == "dotenv.db");
  place.environment = {{"AFORRO_DATABASE", "environment.db"}};
  CHECK(place.made_by_migrate() == "environment.db");
  CHECK(place.made_by_migrate({"--database", "flag.db"}) == "flag.db");
  CHECK(place.made_by_migrate({"--database=flag.db"}) == "flag.db");
  place.environment = {{"AFORRO_DATABASE", ""}};  // empty: not said
  CHECK(place.made_by_migrate() == "dotenv.db");
}

TEST_CASE("files of settings are read as people write them") {
  Place place;
  for (const auto& file : std::vector<std::pair<std::string, std::string>>{
           {"AFORRO_DATABASE=a.db", "a.db"},
           {"\xEF\xBB\xBF# ours\r\n\r\nexport AFORRO_DATABASE = a.db  # here\r\n", "a.db"},
           {"AFORRO_DATABASE='a b.db'\n", "a b.db"},
           {"AFORRO_DATABASE=\"a \\\"b\\\".db\"\n", "a \"b\".db"},
           {"AFORRO_DATABASE=a#b.db\n", "a#b.db"},
           {"AFORRO_DATABASE=$HOME.db\n", "$HOME.db"},
           {"AFORRO_DATABASE=a.db\nAFORRO_DATABASE=b.db\n", "b.db"},
           {"POSTGRES_PASSWORD=x\nPATH=/nowhere\nAFORRO_DATABASE=a.db\n", "a.db"},
           {"AFORRO_DATABASE=\n", "aforro.db"},
           {"", "aforro.db"}}) {
    CAPTURE(file.first);
    place.folder.write(".env", file.first);
    CHECK(place.made_by_migrate() == file.second);
  }
}

TEST_CASE("a .env of other programs stops nothing, whatever is in it, and ours in it counts") {
  Place place;
  for (const std::string& theirs :
       {std::string("TOKEN\n"), std::string("export\tA=1\n"), std::string("[web]\nname: value\n"),
        std::string("KEY=\"-----BEGIN-----\nAFORRO_DATABASE=inner.db\n-----END-----\"\n"),
        std::string("source x\nif [ -n \"$A\" ]; then\nfi\n"), std::string("A='open\n"),
        std::string("cat <<EOF\nAFORRO_DATABASE=inner.db\nEOF\n"), std::string("A=b\0c\n\xFF\xFE\n", 9),
        std::string("\x7F\x45\x4C\x46\n=x\n"), std::string("AFORRO_VERSION=2\n")}) {
    CAPTURE(theirs);
    place.folder.write(".env", theirs + "AFORRO_DATABASE=a.db\n");
    CHECK(place.made_by_migrate() == "a.db");
    CHECK(place.run({"migrate"}).err.empty());
    fs::remove(place.folder.path() / "a.db");
  }
}

TEST_CASE("a .env that is no file or can't be read stops nothing") {
  Place place;
  const fs::path file = place.folder.path() / ".env";
  fs::create_directory(file);
  CHECK(place.made_by_migrate() == "aforro.db");
  fs::remove(file);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK(place.made_by_migrate() == "aforro.db");
  fs::remove(file);
  fs::create_symlink(".env", file);
  CHECK(place.made_by_migrate() == "aforro.db");
  fs::remove(file);

  place.folder.write(".env", std::string(2 << 20, 'a'));
  const ProgramResult large = place.run({"migrate"});
  CHECK(large.exit_status == 0);
  CHECK(has(large.err, "note: .env has more than 1048576 bytes"));
  CHECK(place.run({"version"}).err.empty());
}

TEST_CASE(
    "a fault in a setting of ours in .env is told with its line, but never keeps help or version back") {
  Place place;
  for (const std::string& broken :
       {std::string("A\nAFORRO_DATABASE\n"), std::string("\nAFORRO_DATABASE='x\n"),
        std::string("\nDB_PORT=\"1\" 2\n"), std::string("\nAFORRO_DATABASE=a\0b\n", 21),
        std::string("\nAFORRO_LOCK_TIMEOUT=abc\n")}) {
    CAPTURE(broken);
    place.folder.write(".env", broken);
    const ProgramResult refused = place.run({"migrate"});
    CHECK(refused.exit_status != 0);
    CHECK(refused.out.empty());
    CHECK(has(refused.err, ".env, line 2"));
    CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
    for (const std::vector<std::string>& asked : {std::vector<std::string>{"--help"},
                                                  {"--version"},
                                                  {"version"},
                                                  {"migrate", "--help"},
                                                  {"import", "products", "--help"}}) {
      const ProgramResult told = place.run(asked);
      CHECK(told.exit_status == 0);
      CHECK(!told.out.empty());
      CHECK(told.err.empty());
    }
  }
  CHECK(place.run({"--version"}).out == place.run({"version"}).out);
}

namespace {

// ASCII in UTF-16.
std::string utf16(const std::string& text, bool is_little_endian) {
  std::string bytes;
  for (const char c : text) bytes += is_little_endian ? std::string{c, '\0'} : std::string{'\0', c};
  return bytes;
}

}  // namespace

TEST_CASE("a .env in UTF-16 is read, in either order, with a mark or without, and that is told in one line") {
  Place place;
  const std::string text = "# theirs\r\nA=1\r\nAFORRO_DATABASE=a.db\r\n";
  for (const std::string& bytes : {utf16(text, true), utf16(text, false), "\xFF\xFE" + utf16(text, true),
                                   "\xFE\xFF" + utf16(text, false), "\xFF\xFE" + utf16(text, true) + "\n"}) {
    place.folder.write(".env", bytes);
    CHECK(place.made_by_migrate() == "a.db");
    CHECK(place.run({"migrate"}).err ==
          "note: .env is in UTF-16, which few other programs read; save it as UTF-8\n");
    CHECK(place.run({"version"}).err.empty());
    fs::remove(place.folder.path() / "a.db");
  }
  fs::remove(place.folder.path() / ".env");
  place.folder.write("aforro.conf", "\xFF\xFE" + utf16("database = c.db\n", true));
  CHECK(place.made_by_migrate() == "c.db");
}

TEST_CASE(
    "a setting of ours that is hidden in .env by what nobody sees is told in one line, and stops nothing") {
  Place place;
  const std::string ours = "AFORRO_DATABASE=a.db\n";
  for (const std::string& bytes : {std::string("A=1\n\0", 5) + ours, "A=1\n\xEF\xBB\xBF" + ours,
                                   "A=1\n\xE2\x80\x8B" + ours, "A=1\n\xC2\xA0" + ours, "A=1\n\xFF\xFE" + ours,
                                   "A=1\n" + utf16(ours, true), "\n" + utf16(ours, true) + '\n'}) {
    CAPTURE(bytes);
    place.folder.write(".env", bytes);
    const ProgramResult result = place.run({"migrate"});
    CHECK(result.exit_status == 0);
    CHECK(result.err.starts_with("note: .env, line 2: AFORRO_DATABASE is passed over"));
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    CHECK(fs::remove(place.folder.path() / "aforro.db"));
  }
  place.folder.write(".env", "\xFF\xFE" + std::string(2, '\0') + ours);
  const ProgramResult result = place.run({"migrate"});
  CHECK(result.exit_status == 0);
  CHECK(result.err == "note: .env, this is UTF-32; save it as UTF-8; going on without it\n");
}

TEST_CASE("a value of ours in .env that is not UTF-8 is taken as it is, and told once; others are not told") {
  Place place;
  place.folder.write(".env", "# caf\xE9\nB=\xE9\nAFORRO_DATABASE=caf\xE9.db\nDB_USER=\xE9\n");
  CHECK(place.made_by_migrate() == "caf\xE9.db");
  const ProgramResult result = place.run({"migrate"});
  CHECK(result.exit_status == 0);
  CHECK(result.err.starts_with("note: .env, line 3: the value of AFORRO_DATABASE is not UTF-8"));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  place.folder.write(".env", "# caf\xE9\nB=\xE9\n" + std::string(2, '\0') + "\nAFORRO_DATABASE=a.db\n");
  CHECK(place.run({"migrate"}).err.empty());
}

TEST_CASE("a name in .env that is nearly ours is noted with the one that was meant") {
  Place place;
  place.folder.write(".env", "\nAFORRO_DATABSE=a.db\n");
  const ProgramResult result = place.run({"migrate"});
  CHECK(result.exit_status == 0);
  CHECK(result.err ==
        "note: .env, line 2: there is no setting AFORRO_DATABSE; did you mean AFORRO_DATABASE?\n");
}

TEST_CASE("a name of the files that is like none of ours is told without another") {
  Place place;
  for (const std::string name : {"X", "Q", "_", "", "IMAGE"}) {
    CAPTURE(name);
    place.folder.write(".env", "AFORRO_" + name + "=1\n");
    CHECK(place.run({"migrate"}).err.empty());
  }
  place.folder.write("aforro.conf", "x = 1\n");
  const ProgramResult refused = place.run({"migrate"});
  check_refused(refused, "aforro.conf, line 1: there is no setting x");
  CHECK(!has(refused.err, "did you mean"));
}

TEST_CASE("a configuration file that is no file is refused and not waited for") {
  Place place;
  REQUIRE(::mkfifo((place.folder.path() / "aforro.conf").c_str(), 0600) == 0);
  check_refused(place.run({"migrate"}), "aforro.conf is no file");
  CHECK(place.run({"migrate", "--help"}).exit_status == 0);
}

TEST_CASE("the configuration file may be named in .env") {
  Place place;
  place.folder.write(".env", "AFORRO_CONFIG=mine.conf\n");
  place.folder.write("mine.conf", "database = mine.db\n");
  CHECK(place.made_by_migrate() == "mine.db");
}

TEST_CASE("a server says that settings for a broker do nothing, in one line") {
  const TemporaryFolder folder;
  make_database(Goods::corner, folder);
  folder.write(".env", "REDIS_URL=redis://cache\n");
  Program program({"serve", "--listen", "127.0.0.1:0"},
                  {.environment = {{"CELERY_BROKER_URL", "redis://cache"}}, .folder = folder.path()});
  wait_for_output(program, "database: ");
  program.signal(SIGTERM);
  CHECK(has(
      program.finish().err,
      "note: REDIS_URL, CELERY_BROKER_URL have no effect: jobs need no broker here, and a Redis is named by "
      "REDIS_HOST\n"));
  CHECK(run_program({"migrate"}, {.folder = folder.path()}).err.empty());
}

TEST_CASE("what other programs need is not taken from .env") {
  Place place;
  place.folder.write(".env", "LD_PRELOAD=/nowhere/x.so\nPATH=\nAFORRO_DATABASE=a.db\n");
  const ProgramResult result = place.run({"migrate"});
  CHECK(result.exit_status == 0);
  CHECK(result.err.empty());
}

TEST_CASE("an unknown setting of the configuration file is refused and the nearest one named") {
  Place place;
  place.folder.write("aforro.conf", "# ours\ndatabse = x.db\n");
  check_refused(place.run({"migrate"}),
                "aforro.conf, line 2: there is no setting databse; did you mean database?");
  place.folder.write("aforro.conf", "listen = 127.0.0.1:0\nsuggest-rate = 5/min\nlog-level = warning\n");
  CHECK(place.made_by_migrate() == "aforro.db");
  place.environment = {{"AFORRO_CONFIG", "missing.conf"}};
  check_refused(place.run({"migrate"}), "missing.conf");
  place.folder.write("mine.conf", "database = mine.db\n");
  place.environment = {{"AFORRO_CONFIG", "mine.conf"}};
  CHECK(place.made_by_migrate() == "mine.db");
}

// Port 1 of this machine: nobody listens there.
TEST_CASE("DB_NAME without a flag means PostgreSQL, which is said and never passed over") {
  Place place;
  const std::string location = "postgres://127.0.0.1:1/shop";
  const Environment server{{"DB_NAME", "shop"}, {"DB_HOST", "127.0.0.1"}, {"DB_PORT", "1"}};
  place.environment = server;
  for (const char* const command : {"migrate", "seed"}) {
    const ProgramResult refused = place.run({command});
    CHECK(refused.exit_status == 1);
    CHECK(refused.out.empty());
    CHECK(has(refused.err, "using " + location + " (DB_NAME in the environment)\n"));
    CHECK(has(refused.err, "aforro: the database " + location + " can't be reached"));
  }
  CHECK(place.made_by_migrate({"--database", "file.db"}) == "file.db");
  place.environment.emplace_back("AFORRO_DATABASE", "file.db");
  CHECK(place.made_by_migrate() == "file.db");
  place.environment = {};
  place.folder.write(".env", "DB_NAME=shop\nDB_HOST=127.0.0.1\nDB_PORT=1\nDB_USER=ada\nDB_PASSWORD=sesame\n");
  const ProgramResult refused = place.run({"migrate"});
  CHECK(refused.exit_status == 1);
  CHECK(has(refused.err, "aforro: the database postgres://ada@127.0.0.1:1/shop can't be reached"));
  CHECK(!has(refused.err, "sesame"));
}

TEST_CASE("a password in the location of a database is not shown") {
  Place place;
  for (const std::string where :
       {"postgres://ada:sesame@127.0.0.1:1/shop", "postgresql://ada:sesame@127.0.0.1:1/shop"}) {
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"migrate"}, {"orders", "1"}, {"serve", "--listen", "127.0.0.1:0"}}) {
      std::vector<std::string> arguments = command;
      arguments.insert(arguments.end(), {"--database", where});
      const ProgramResult result = place.run(arguments);
      check_refused(result, "can't be reached");
      CHECK(!has(result.err + result.out, "sesame"));
    }
  }
}

TEST_CASE("no error shows the password of an address, wherever it was given and whatever its shape") {
  Place place;
  place.folder.write("x.csv", "a,b\n1,2\n");
  const std::vector<std::string> addresses{"mysql://ada:sesame@h/d",
                                           "mysql://:sesame@h",
                                           "mysql://ada:open@sesame@h/d",
                                           "mysql://ada:open/sesame@h/d",
                                           "mysql://ada:open sesame@h/d",
                                           "mysql://ada:%73esame@h",
                                           "mysql%3A%2F%2Fada:sesame@h/d",
                                           "ada:sesame@h/d",
                                           "postgres://ada:open@sesame@127.0.0.1:1/d",
                                           "postgres://ada:open/sesame@127.0.0.1:1/d",
                                           "postgres://ada:1/sesame@127.0.0.1:1/d",
                                           "postgres://ada:%zz/sesame@127.0.0.1:1/d",
                                           "postgres://127.0.0.1:1/d?password=sesame",
                                           "host=h password=sesame",
                                           "x.db?password=sesame"};
  const auto check = [](const ProgramResult& result) {
    INFO("it wrote: ", result.out, result.err);
    CHECK(result.exit_status != 0);
    CHECK(!result.err.empty());
    CHECK(!has(result.out + result.err, "sesame"));
    CHECK(!has(result.out + result.err, "%73esame"));
  };
  for (const std::string& address : addresses) {
    CAPTURE(address);
    for (const std::vector<std::string>& command : {std::vector<std::string>{"backup", address},
                                                    {"restore", address},
                                                    {"import", "products", address},
                                                    {"import", "products", address, "--json"},
                                                    {"import", "products", "x.csv", "--map", address},
                                                    {"import", "products", "x.csv", "--separator", address},
                                                    {address},
                                                    {"orders", address},
                                                    {"orders", "1", address},
                                                    {"--" + address},
                                                    {"serve", "--listen", address},
                                                    {"serve", "--trusted-proxy", address},
                                                    {"serve", "--cors-origin", address},
                                                    {"order", "--store", address, "--item", address},
                                                    {"seed", "--products", address},
                                                    {"stores", "--json", "--database", address},
                                                    {"stores", "--database=" + address}}) {
      CAPTURE(command.back());
      check(place.run(command));
    }
    place.environment = {{"AFORRO_DATABASE", address}};
    check(place.run({"stores"}));
    check(place.run({"backup", "copy.db"}));
    place.environment = {{"AFORRO_CONFIG", address}};
    check(place.run({"stores"}));
    place.environment = {};
    for (const std::string name : {"AFORRO_DATABASE", "AFORRO_LISTEN", "AFORRO_LOCK_TIMEOUT"}) {
      place.folder.write(".env", name + "='" + address + "'\n");
      check(place.run({name == "AFORRO_LISTEN" ? "serve" : "stores"}));
    }
    place.folder.write(".env", "DB_PASSWORD=\"" + address + "\n");
    check(place.run({"stores"}));
    fs::remove(place.folder.path() / ".env");
  }
  const ProgramResult misused = place.run({"backup", addresses.front()});
  CHECK(misused.exit_status == 2);
  CHECK(has(misused.err, "FILE must be a file, and not mysql://"));
}

TEST_CASE("every setting of the server may come from the environment, and a wrong one is named") {
  const TemporaryFolder folder;
  const Location file = make_database(Goods::corner, folder);
  const auto serve_with = [&](const std::string& name, const std::string& value) {
    return run_program({"serve", "--database", file.string()},
                       {.environment = {{"AFORRO_LISTEN", "127.0.0.1:0"}, {name, value}},
                        .folder = folder.path(),
                        .timeout = std::chrono::seconds(20)});
  };
  for (const auto& setting : Environment{{"AFORRO_SUGGEST_RATE", "often"},
                                         {"AFORRO_TRUSTED_PROXY", "nearby"},
                                         {"AFORRO_CORS_ORIGIN", "everywhere"},
                                         {"AFORRO_LOG_LEVEL", "loud"},
                                         {"AFORRO_MAX_CONNECTIONS", "many"},
                                         {"AFORRO_REQUEST_TIMEOUT", "soon"},
                                         {"AFORRO_CACHE_SIZE", "big"},
                                         {"AFORRO_MAX_BUFFERED", "plenty"},
                                         {"AFORRO_SEED_IF_EMPTY", "perhaps"}}) {
    const std::string& name = setting.first;
    CAPTURE(name);
    const ProgramResult result = serve_with(name, setting.second);
    INFO("it wrote: ", result.err);
    CHECK((result.exit_status == 1 || result.exit_status == 2));
    CHECK(result.out.empty());
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    std::string flag = "--";
    for (const char c : name.substr(7)) flag += c == '_' ? '-' : static_cast<char>(std::tolower(c));
    CHECK((has(result.err, name) || has(result.err, flag)));
  }

  Server server(file, {},
                {.environment = {{"AFORRO_SUGGEST_RATE", "2/min"},
                                 {"AFORRO_TRUSTED_PROXY", "10.0.0.0/8,127.0.0.1"},
                                 {"AFORRO_CORS_ORIGIN", "https://shop.example"}}});
  HttpClient client(server.port());
  const HttpResponse response = client.get("/api/search/suggest/?q=mug", {{"X-Forwarded-For", "192.0.2.1"}});
  CHECK(response.header("RateLimit-Policy") == "\"suggest\";q=2;w=60");
  CHECK(response.header("Access-Control-Allow-Origin") == "https://shop.example");
  client.get("/api/search/suggest/?q=mug", {{"X-Forwarded-For", "192.0.2.1"}});
  CHECK(client.get("/api/search/suggest/?q=mug", {{"X-Forwarded-For", "192.0.2.1"}}).status == 429);
  CHECK(client.get("/api/search/suggest/?q=mug", {{"X-Forwarded-For", "192.0.2.2"}}).status == 200);
  CHECK(server.stop() == 0);
}

TEST_CASE("an environment full of nonsense changes nothing") {
  Place place;
  place.environment = {{"AFORRO_", "x"},
                       {"AFORRO_NONSENSE", "x"},
                       {"SQLITE_TMPDIR", "/nowhere"},
                       {"TMPDIR", "/nowhere"},
                       {"HOME", ""},
                       {"LANG", "xx_XX.nonsense"},
                       {"LC_ALL", "xx"},
                       {"TZ", "Nowhere/Land"},
                       {"TERM", ""},
                       {"COLUMNS", "-1"},
                       {"PATH", ""}};
  CHECK(place.run({"seed"}).exit_status == 0);
  CHECK(place.run({"search", "--sort", "title"}).exit_status == 0);
  CHECK(place.run({"inventory", "1"}).exit_status == 0);
}

TEST_CASE("a server says where it listens and which database it uses, and why") {
  const TemporaryFolder folder;
  make_database(Goods::corner, folder);
  const auto greeting = [&](const std::vector<std::string>& options, const Setting& setting) {
    std::vector<std::string> arguments{"serve", "--listen", "127.0.0.1:0"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    Program program(arguments, setting);
    wait_for_output(program, "database: ");
    program.signal(SIGTERM);
    const ProgramResult result = program.finish();
    CHECK(result.exit_status == 0);
    return result.out;
  };
  CHECK(has(greeting({"--database", "aforro.db"}, {.folder = folder.path()}),
            "database: aforro.db (--database)\n"));
  CHECK(has(greeting({}, {.folder = folder.path()}), "database: aforro.db (the default)\n"));
  CHECK(has(greeting({}, {.environment = {{"AFORRO_DATABASE", "./aforro.db"}}, .folder = folder.path()}),
            "database: ./aforro.db (AFORRO_DATABASE)\n"));
}

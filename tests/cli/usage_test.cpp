#include <doctest/doctest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/expect_program.h"
#include "support/json.h"
#include "support/program.h"
#include "support/temporary_folder.h"
#include "support/terminal.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

using Command = std::vector<std::string>;
using Environment = std::vector<std::pair<std::string, std::string>>;

const std::vector<Command> kCommands{{"serve"},
                                     {"work"},
                                     {"health"},
                                     {"migrate"},
                                     {"seed"},
                                     {"createsuperuser"},
                                     {"search"},
                                     {"suggest"},
                                     {"order"},
                                     {"orders"},
                                     {"confirm"},
                                     {"cancel"},
                                     {"inventory"},
                                     {"receive"},
                                     {"adjust"},
                                     {"count"},
                                     {"stores"},
                                     {"categories"},
                                     {"product"},
                                     {"transfer"},
                                     {"movements"},
                                     {"import", "products"},
                                     {"import", "inventory"},
                                     {"verify"},
                                     {"backup"},
                                     {"restore"},
                                     {"copy"},
                                     {"jobs"},
                                     {"jobs", "list"},
                                     {"jobs", "retry"},
                                     {"jobs", "discard"},
                                     {"synonyms"},
                                     {"synonyms", "list"},
                                     {"synonyms", "add"},
                                     {"synonyms", "remove"},
                                     {"version"}};

// The command with all that it needs.
Command whole(Command command) {
  const std::string name = command.front();
  if (name == "serve") command.insert(command.end(), {"--listen", "127.0.0.1:0"});
  if (name == "createsuperuser") command.insert(command.end(), {"--username", "ada"});
  if (name == "suggest") command.emplace_back("mug");
  if (name == "order") command.insert(command.end(), {"--store", "1", "--item", "1:1"});
  if (name == "orders" || name == "inventory" || name == "movements") command.emplace_back("1");
  if (name == "confirm" || name == "cancel") command.emplace_back("1");
  if (command.back() == "retry" || command.back() == "discard") command.emplace_back("1");
  if (name == "synonyms" && command.size() > 1 && command.back() != "list") {
    command.insert(command.end(), {"tv", "television"});
  }
  if (name == "receive" || name == "count") command.insert(command.end(), {"1", "1:1"});
  if (name == "adjust") command.insert(command.end(), {"1", "1:+1"});
  if (name == "product") command.emplace_back("1");
  if (name == "transfer") command.insert(command.end(), {"1", "2", "1:1"});
  if (name == "backup" || name == "restore") command.emplace_back("copy.db");
  if (name == "copy") command.insert(command.end(), {"--from", "a.db", "--to", "b.db"});
  if (name == "import") command.emplace_back("file.csv");
  return command;
}

// In a folder of its own. What is wrong usage ends at once; a server would stay.
ProgramResult run(const Command& command) {
  const TemporaryFolder folder;
  return run_program(command, {.folder = folder.path(), .timeout = std::chrono::seconds(20)});
}

std::string joined(const Command& command) {
  std::string text;
  for (const std::string& word : command) text += (text.empty() ? "" : " ") + word;
  return text;
}

void check_wrong_usage(const Command& command, const std::string& why = "") {
  const ProgramResult result = run(command);
  CAPTURE(joined(command).substr(0, 200));
  INFO("it wrote: ", result.err);
  CHECK(result.exit_status == 2);
  CHECK(result.out.empty());
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(result.err.starts_with("aforro"));
  CHECK(has(result.err, why));
}

// The words of a text with one space between each two.
std::string words(const std::string& text) {
  std::string joined;
  for (const char c : text) {
    const bool is_gap = c == ' ' || c == '\n' || c == '\r';
    if (!is_gap || !joined.ends_with(' ')) joined += is_gap ? ' ' : c;
  }
  return joined;
}

// No line is wider than the terminal but one that has a single word, which then begins at its edge.
void check_fits(const std::string& screen, std::size_t columns) {
  std::istringstream lines(screen);
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    CAPTURE(line);
    CHECK((line.size() <= columns || line.find(' ') == std::string::npos));
    CHECK(!line.ends_with(' '));
  }
}

}  // namespace

TEST_CASE("the help lists every command, and that of each has an example that is one") {
  const ProgramResult help = run_program({"--help"});
  CHECK(help.exit_status == 0);
  CHECK(help.err.empty());
  for (const Command& command : kCommands) {
    CAPTURE(joined(command));
    CHECK(has(help.out, command.front()));
    Command asking = command;
    asking.emplace_back("--help");
    const ProgramResult own = run_program(asking);
    CHECK(own.exit_status == 0);
    CHECK(own.err.empty());
    CHECK(has(own.out, "Example"));
    CHECK(has(own.out, "aforro " + joined(command)));
    CHECK(has(own.out, "--json"));
    CHECK(has(own.out, command.front() == "copy"     ? "--from"
                       : command.front() == "health" ? "--listen"
                                                     : "--database"));
    asking.back() = "-h";
    CHECK(run_program(asking).out == own.out);
  }
  CHECK(has(run_program({"import", "--help"}).out, "products"));
}

TEST_CASE("without a command, and when asked about one, there is help") {
  const std::string all = run_program({"--help"}).out;
  for (const Command& command : {Command{}, Command{"help"}}) {
    const ProgramResult result = run(command);
    CHECK(result.exit_status == 0);
    CHECK(result.out == all);
    CHECK(result.err.empty());
  }
  CHECK(run({"help", "order"}).out == run_program({"order", "--help"}).out);
  CHECK(run({"help", "import", "products"}).out == run_program({"import", "products", "--help"}).out);
  check_wrong_usage({"help", "ordre"}, "there is no command ordre; did you mean order?");
  check_wrong_usage({"help", "import", "prodcts"}, "there is no command prodcts; did you mean products?");
}

TEST_CASE("help at a terminal breaks its lines between words, however narrow it is, and says the same") {
  for (const int columns : {1, 12, 20, 32, 40, 53, 54, 60, 64, 80, 100}) {
    CAPTURE(columns);
    for (const Command& command :
         {Command{"--help"}, Command{"serve", "--help"}, Command{"import", "products", "--help"}}) {
      Terminal terminal(command, {}, static_cast<unsigned short>(columns));
      CHECK(terminal.finish() == 0);
      check_fits(terminal.screen(), static_cast<std::size_t>(columns));
      CHECK(words(terminal.screen()) == words(run_program(command).out));
    }
  }
}

TEST_CASE("COLUMNS makes help narrower than the terminal, in a pipe too, and nonsense in it does not") {
  const std::string all = run_program({"serve", "--help"}).out;
  const auto with_columns = [](const std::string& columns) {
    return run_program({"serve", "--help"}, {.environment = {{"COLUMNS", columns}}}).out;
  };
  check_fits(with_columns("40"), 40);
  CHECK(words(with_columns("40")) == words(all));
  for (const char* const nonsense : {"", "0", "-1", "4x", "99999999999999999999"})
    CHECK(with_columns(nonsense) == all);
  Terminal terminal({"serve", "--help"}, {.environment = {{"COLUMNS", "40"}}});
  CHECK(terminal.finish() == 0);
  check_fits(terminal.screen(), 40);
}

TEST_CASE("a misspelt option is named with the one that was meant") {
  check_wrong_usage({"order", "--stor", "1"}, "there is no option --stor; did you mean --store?");
  check_wrong_usage({"search", "--max_price", "5"}, "did you mean --max-price?");
  check_wrong_usage({"search", "--price-max=5"}, "did you mean --max-price?");
  check_wrong_usage({"search", "--store-id=1"}, "did you mean --store?");
  check_wrong_usage({"-v"}, "there is no option -v; did you mean --version?");
  check_wrong_usage({"-V"}, "there is no option -V; did you mean --version?");
  check_wrong_usage({"-?"}, "there is no option -?; did you mean --help?");
  check_wrong_usage({"seed", "-d", "shop.db"}, "there is no option -d; did you mean --database?");
  check_wrong_usage({"seed", "-x"}, "there is no option -x");
}

TEST_CASE("a misspelt command is named with the one that was meant, that of a command, too") {
  check_wrong_usage({"serach"}, "there is no command serach; did you mean search?");
  check_wrong_usage({"import", "prodcts", "file.csv"}, "did you mean products?");
  // What the Django service called it.
  check_wrong_usage({"runserver", "0.0.0.0:8000"}, "there is no command runserver; did you mean serve?");
  check_wrong_usage({"seed_data"}, "there is no command seed_data; did you mean seed?");
  check_wrong_usage({"celery"}, "there is no command celery; did you mean work?");
  check_wrong_usage({"jobs", "lst"}, "there is no command lst; did you mean list?");
  check_wrong_usage({"jobs", "--limit", "5", "lst"}, "there is no command lst; did you mean list?");
  check_wrong_usage({"jobs", "lst", "--nonsense"}, "there is no option --nonsense");
}

TEST_CASE("a shop of fewer products than a store carries by itself has all of them in each store") {
  const TemporaryFolder folder;
  const Setting there{.folder = folder.path()};
  CHECK(run_program({"seed", "--products", "5", "--stores", "2", "--database", "small.db"}, there).out ==
        "seeded 12 categories, 5 products, 2 stores with 5 products in each inventory\n");
  CHECK(run_program({"orders", "1", "--status", "rejected", "--database", "small.db"}, there).exit_status ==
        0);
  const ProgramResult missing = run_program({"restore", "copy.db", "--database", "small.db"}, there);
  CHECK(missing.exit_status == 1);
  CHECK(missing.err == "aforro: there is no file copy.db\n");
}

TEST_CASE("another kind of database is refused, and not made as a file") {
  for (const std::string address : {"mysql://root:sesame@localhost/shop",
                                    "sqlite://shop.db",
                                    "redis://x",
                                    "mysql+pymysql://root:sesame@h/shop",
                                    "postgresql+psycopg2://root:sesame@h/shop",
                                    "db2://root:sesame@h/shop",
                                    "s3://shop/copy.db",
                                    "oracle+cx_oracle://root:sesame@h/shop",
                                    "jdbc:mysql://root:sesame@h/shop",
                                    "postgres:/root:sesame@h/shop",
                                    "postgresql:root:sesame@h/shop",
                                    "POSTGRES://root:sesame@h/shop",
                                    "\"postgres://root:sesame@h/shop\"",
                                    " postgres://root:sesame@h/shop",
                                    "root:sesame@h/shop",
                                    "mysql:host=h;dbname=shop;password=sesame",
                                    "host=h dbname=shop password=sesame",
                                    "Data Source=shop.db;Password=sesame",
                                    "sqlite:shop.db",
                                    "file:///srv/shop.db?mode=ro"}) {
    CAPTURE(address);
    for (const Environment& environment : {Environment{}, Environment{{"AFORRO_DATABASE", address}}}) {
      const TemporaryFolder folder;
      Command command{"seed"};
      if (environment.empty()) command.push_back("--database=" + address);
      const ProgramResult result =
          run_program(command, {.environment = environment, .folder = folder.path()});
      INFO("it wrote: ", result.err);
      CHECK(result.exit_status == 2);
      CHECK(has(result.err, "must be a SQLite file or postgres://USER:PASSWORD@HOST:PORT/NAME"));
      CHECK(!has(result.err, "sesame"));
      CHECK(std::filesystem::is_empty(folder.path()));
    }
  }
}

TEST_CASE("a file whose name looks like an address is one where its path begins as a path does") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "a:b");
  std::filesystem::create_directory(folder / "shop");
  for (const std::string& path : {std::string("./a:b.db"), std::string("./a=b.db"),
                                  std::string("shop/../10:00.db"), (folder / "a:b" / "d:e.db").string(),
                                  std::string("2026-01-01T10:00.db"), std::string("shop-1.2.db")}) {
    CAPTURE(path);
    CHECK(run_program({"migrate", "--database", path}, {.folder = folder.path()}).exit_status == 0);
    CHECK(std::filesystem::exists(folder.path() / path));
  }
}

TEST_CASE("where JSON was asked for, what failed is JSON, too") {
  const TemporaryFolder folder;
  const ProgramResult missing = run_program({"orders", "1", "--json"}, {.folder = folder.path()});
  CHECK(missing.exit_status == 1);
  CHECK(parse(missing.out)["error"]["kind"] == "not-found");
  CHECK(missing.err == "aforro: " + parse(missing.out)["error"]["detail"].get<std::string>() + "\n");
  const ProgramResult wrong = run_program({"search", "--sort", "size", "--json"}, {.folder = folder.path()});
  CHECK(wrong.exit_status == 2);
  CHECK(parse(wrong.out)["error"]["kind"] == "usage");
  const ProgramResult valued = run_program({"stores", "--json=x"}, {.folder = folder.path()});
  CHECK(valued.exit_status == 2);
  CHECK(parse(valued.out)["error"]["kind"] == "usage");
  CHECK(run_program({"stores", "--json=false"}, {.folder = folder.path()}).out.empty());
}

TEST_CASE("version says which program this is") {
  const ProgramResult text = run_program({"version"});
  CHECK(text.exit_status == 0);
  CHECK(text.out.starts_with("aforro "));
  CHECK(std::count(text.out.begin(), text.out.end(), '\n') == 1);
  CHECK(text.err.empty());
  const ProgramResult asked = run_program({"version", "--json"});
  CHECK(asked.exit_status == 0);
  const json version = parse(asked.out);
  CHECK(has(text.out, version.at("version").get<std::string>()));
}

TEST_CASE("a line about something long that was typed is not long") {
  const std::string text(100'000, 'x');
  for (const Command& command :
       {Command{text}, Command{"seed", "--" + text}, Command{"seed", "--stores", text},
        Command{"search", "--sort", text}, Command{"search", "--min-price", text}}) {
    const ProgramResult result = run_program(command);
    CHECK(result.exit_status == 2);
    CHECK(result.err.size() < 5'000);
  }
}

TEST_CASE("wrong usage ends with 2 and one line that says what is wrong") {
  check_wrong_usage({"serv"}, "serv");
  check_wrong_usage({"import"}, "one of its commands is needed: products, inventory or django");
  check_wrong_usage({"--port=80", "serve"}, "there is no option --port");
  check_wrong_usage({"search", "--min-price", "9", "--max-price", "8"},
                    "--min-price must not be above the maximum price");
  check_wrong_usage({"order", "--store", "1", "--item", "7:0"}, "--item 7:0: QUANTITY must be");
  check_wrong_usage({"receive", "1", "7", "5"}, "ITEM must be PRODUCT:QUANTITY, as 10:24, not 7");
  check_wrong_usage({"adjust", "1", "7:5"}, "7:5: DIFFERENCE must have a sign");
  check_wrong_usage({"createsuperuser", "--username", ""}, "--username must not be empty");
  check_wrong_usage({"import", "customers"}, "customers");
  check_wrong_usage({"SEED"}, "SEED");
  check_wrong_usage({""});
  for (const Command& name : kCommands) {
    const Command command = whole(name);
    Command unknown = command;
    unknown.insert(unknown.end(), {"--nonsense"});
    check_wrong_usage(unknown, "--nonsense");
    Command without = command;
    without.emplace_back("--database");
    check_wrong_usage(without, "--database");
    Command empty = command;
    empty.insert(empty.end(), {"--database", ""});
    check_wrong_usage(empty, "--database");
    if (command.front() != "search") {
      Command more = command;
      for (int i = 0; i < 5; ++i) more.emplace_back("surplus");
      check_wrong_usage(more);
    }
  }
}

TEST_CASE("what is missing is named") {
  check_wrong_usage({"createsuperuser"}, "--username");
  check_wrong_usage({"suggest"}, "TEXT");
  check_wrong_usage({"order"}, "--store");
  check_wrong_usage({"order", "--store", "1"}, "--item");
  check_wrong_usage({"orders"}, "STORE");
  check_wrong_usage({"inventory"}, "STORE");
  check_wrong_usage({"import", "products"}, "FILE");
  check_wrong_usage({"import", "inventory"}, "FILE");
}

TEST_CASE("numbers that can't be are wrong usage") {
  for (const std::string wrong : {"0", "-1", "abc", "1.0", "1e3", "9223372036854775808",
                                  "99999999999999999999", " 1", "1 ", "", "0x10", "+1", "1,000", "'"}) {
    CAPTURE(wrong);
    check_wrong_usage({"orders", wrong});
    check_wrong_usage({"inventory", wrong});
    check_wrong_usage({"order", "--store", wrong, "--item", "1:1"});
    check_wrong_usage({"orders", "1", "--limit", wrong}, "--limit");
    check_wrong_usage({"seed", "--products", wrong});
    if (wrong != "0") {
      check_wrong_usage({"inventory", "1", "--max-quantity", wrong}, "--max-quantity");
      check_wrong_usage({"seed", "--random-seed", wrong});
    }
  }
  for (const std::string wrong : {"", "1", ":", "1:", ":1", "0:1", "1:0", "-1:1", "1:-1", "1:1000001", "a:b",
                                  "1:1:1", "9223372036854775808:1", "1:1.0", " 1:1", "1 :1", "1: 1"}) {
    CAPTURE(wrong);
    check_wrong_usage({"order", "--store", "1", "--item", wrong}, "--item");
  }
  check_wrong_usage({"order", "--store", "1", "--item", "1:600000", "--item", "1:600000"});
  check_wrong_usage({"order", "--store", "1", "--item", "1:1", "--email", "nobody"}, "--email");
  check_wrong_usage({"orders", "1", "--status", "LOST"}, "--status");
  for (const std::string wrong : {"0", "86401", "-1", "ten", "1.5", ""}) {
    check_wrong_usage({"order", "--store", "1", "--item", "1:1", "--reserve-for", wrong}, "--reserve-for");
  }
  for (const std::string command : {"confirm", "cancel"}) {
    check_wrong_usage({command}, "ORDER");
    for (const std::string wrong : {"0", "x", "-1", "9223372036854775808"})
      check_wrong_usage({command, wrong});
  }
  check_wrong_usage({"movements"}, "STORE");
  check_wrong_usage({"movements", "1", "--limit", "0"}, "--limit");
}

TEST_CASE("filters of a search are held to the same bounds as the API's") {
  check_wrong_usage({"search", "--min-price", "x"}, "--min-price");
  check_wrong_usage({"search", "--max-price", "1.234"}, "--max-price");
  check_wrong_usage({"search", "--min-price", "2", "--max-price", "1"}, "--min-price");
  check_wrong_usage({"search", "--sort", "size"}, "--sort");
  check_wrong_usage({"search", "--page", "0"}, "--page");
  check_wrong_usage({"search", "--page-size", "0"}, "--page-size");
  check_wrong_usage({"search", "--store", "abc"}, "--store");
  check_wrong_usage({"search", "\xFF"});
  check_wrong_usage({"search", "--category", "\xFF"}, "--category");
  check_wrong_usage({"search", "--sort", "price", "--sort", "title"}, "--sort");
  check_wrong_usage({"search", "--facets", "colour"}, "--facets");
  check_wrong_usage({"suggest", "\xFF\xFF\xFF"});
}

TEST_CASE("settings of a server that can't be are wrong usage") {
  for (const std::string wrong :
       {"", "8000x", "127.0.0.1", ":", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:abc",
        "::1:8000", "[::1]", "a b:80", "http://127.0.0.1:8000", "127.0.0.1:8000/x"}) {
    CAPTURE(wrong);
    check_wrong_usage({"serve", "--listen", wrong}, "--listen");
  }
  for (const std::string wrong : {"", "x", "20", "20/", "/min", "0/min", "-1/min", "20/fortnight", "20/0s",
                                  "1.5/min", "20/min/min", "99999999999999999999/s", "OFF"}) {
    CAPTURE(wrong);
    check_wrong_usage({"serve", "--listen", "127.0.0.1:0", "--suggest-rate", wrong}, "--suggest-rate");
  }
  for (const std::string wrong : {"orders", "orders=", "orders=0/s", "=5/s", "Orders=5/s", "nothing=5/s",
                                  "orders=OFF", "orders=5/s,nothing=5/s", "orders:5/s", "/orders=5/s"}) {
    CAPTURE(wrong);
    check_wrong_usage({"serve", "--listen", "127.0.0.1:0", "--limit", wrong}, "--limit");
  }
  for (const std::string wrong :
       {"x", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/", "::1/129", "example.org"}) {
    CAPTURE(wrong);
    check_wrong_usage({"serve", "--listen", "127.0.0.1:0", "--trusted-proxy", wrong}, "--trusted-proxy");
  }
  for (const std::string wrong : {"*", "shop.example", "https://a b", "https://a\r\nX: y", "ftp://x",
                                  "https://x/path", "https://", "https://a,https://b"}) {
    CAPTURE(wrong);
    check_wrong_usage({"serve", "--listen", "127.0.0.1:0", "--cors-origin", wrong}, "--cors-origin");
  }
  check_wrong_usage({"serve", "--listen", "127.0.0.1:0", "--max-connections", "0"}, "--max-connections");
  check_wrong_usage({"serve", "--listen", "127.0.0.1:0", "--request-timeout", "0"}, "--request-timeout");
  check_wrong_usage({"migrate", "--lock-timeout", "0"}, "--lock-timeout");
  check_wrong_usage({"migrate", "--lock-timeout", "86401"}, "--lock-timeout");
  check_wrong_usage({"serve", "--listen", "127.0.0.1:0", "--log-level", "loud"}, "--log-level");
  check_wrong_usage({"serve", "--listen", "127.0.0.1:0", "--cache-size", "-1"}, "--cache-size");
  check_wrong_usage({"serve", "--listen", "127.0.0.1:0", "--max-buffered", "3"}, "--max-buffered");
  check_wrong_usage({"serve", "--listen", "127.0.0.1:0", "--max-spooled", "0"}, "--max-spooled");
}

TEST_CASE("very many and very long arguments are refused or taken, and break nothing") {
  Command many{"order", "--store", "1"};
  for (int i = 0; i < 2'001; ++i) many.insert(many.end(), {"--item", std::to_string(i + 1) + ":1"});
  check_wrong_usage(many);
  for (const Command& command :
       {Command{std::string(100'000, 'x')}, Command{"search", "--sort", std::string(100'000, 'x')},
        Command{"orders", std::string(100'000, '9')}, Command{"seed", "--" + std::string(100'000, 'x')}}) {
    const ProgramResult result = run(command);
    CHECK(result.exit_status == 2);
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  }
}

TEST_CASE("a standard output that can't be written is a failure, not a success") {
  const TemporaryFolder folder;
  for (const std::string arguments : {"version", "--version", "", "--help", "-h", "help", "help serve",
                                      "serve --help", "jobs list --help", "orders x --help"}) {
    CAPTURE(arguments);
    for (const std::string output : {"> /dev/full", ">&-"}) {
      const std::string command = program_path().string() + ' ' + arguments + ' ' + output;
      const int status = std::system((command + " 2> " + (folder / "err").string()).c_str());
      CHECK(WIFEXITED(status));
      CHECK(WEXITSTATUS(status) == 1);
      CHECK(read_file(folder / "err") == "aforro: the result can't be written to standard output\n");
    }
  }
}

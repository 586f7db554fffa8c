// `aforro import django` as it is called: what it is given, what it says, and what it leaves when it refuses.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/http_client.h"
#include "support/program.h"
#include "support/server.h"
#include "support/temporary_folder.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

constexpr std::string_view kDump = R"json([
{"model": "shop.category", "pk": 1, "fields": {"name": "Kitchen"}},
{"model": "shop.product", "pk": 10, "fields": {"title": "Red Mug", "description": "", "price": "8.50",
  "category": 1, "created_at": "2025-01-01T00:00:00Z"}},
{"model": "shop.store", "pk": 3, "fields": {"name": "North", "location": "Here"}},
{"model": "shop.inventory", "pk": 1, "fields": {"store": 3, "product": 10, "quantity": 5}},
{"model": "shop.order", "pk": 7, "fields": {"store": 3, "status": "REJECTED", "created_at": "2025-02-01T00:00:00Z"}},
{"model": "shop.orderitem", "pk": 1, "fields": {"order": 7, "product": 10, "quantity_requested": 9}},
{"model": "auth.user", "pk": 2, "fields": {"username": "ada", "is_staff": true, "is_superuser": false,
  "is_active": true, "email": "", "date_joined": "2025-01-01T00:00:00Z"}}
])json";

struct Place {
  TemporaryFolder folder;
  Location database = free_location(folder);

  ProgramResult run(std::vector<std::string> arguments, std::optional<std::string> input = {}) const {
    arguments.insert(arguments.end(), {"--database", database.string()});
    return run_program(arguments, {.input = std::move(input), .folder = folder.path()});
  }
  ProgramResult import(std::string_view dump, std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"import", "django", folder.write("dump.json", dump).string()});
    return run(options);
  }
};

}  // namespace

TEST_CASE("a service is imported, served, and goes on behind its ids") {
  const Place place;
  const ProgramResult result = place.import(kDump);
  INFO(result.out, result.err);
  REQUIRE(result.exit_status == 0);
  CHECK(has(result.err, "orders: shop.order (store, status, created_at)\n"));
  CHECK(has(result.out, "orders\t1\t1\n"));
  CHECK(has(result.out, "REJECTED orders: what was available then is not known (1)\n    order 7\n"));
  check_verified(place.database);

  Server server(place.database);
  HttpClient client(server.port());
  const json rejected = json::parse(client.get("/orders/7/").body);
  CHECK(rejected["status"] == "REJECTED");
  CHECK(rejected["shortages"] == json::array());
  const json placed = json::parse(
      client.post("/orders/", R"({"store_id": 3, "items": [{"product_id": 10, "quantity_requested": 5}]})")
          .body);
  CHECK(placed["id"] == 8);
  CHECK(placed["status"] == "CONFIRMED");
}

TEST_CASE("a dry run says what would be and makes nothing; the real one says the same as JSON") {
  const Place place;
  const ProgramResult dry = place.import(kDump, {"--dry-run"});
  CHECK(dry.exit_status == 0);
  CHECK(has(dry.out, "what\tthere\twould be here\n"));
  CHECK(has(dry.out, "inventory rows\t1\t1\n"));
  CHECK(!is_made(place.database));

  const ProgramResult real = place.import(kDump, {"--json"});
  INFO(real.err);
  REQUIRE(real.exit_status == 0);
  const json document = json::parse(real.out);
  CHECK(document["applied"] == true);
  CHECK(document["fault_count"] == 0);
  CHECK(document["ids_file"].is_null());
  CHECK(document["rows"][4] == json({{"name", "orders"}, {"there", 1}, {"here", 1}}));
  CHECK(document["notes"][0]["kind"] == "price_of_product");
  CHECK(document["notes"][0]["first"] == json({"order 7, product 10"}));
}

TEST_CASE("a dump may come on standard input, and every note goes to the report") {
  const Place place;
  const std::string report = (place.folder / "report.tsv").string();
  const ProgramResult result = place.run({"import", "django", "-", "--report", report}, std::string(kDump));
  CHECK(result.exit_status == 0);
  CHECK(read_file(report) ==
        "kind\teffect\twhat\n"
        "user_disabled\tchanged\tuser 2: ada\n"
        "price_of_product\tchanged\torder 7, product 10\n"
        "availability_unknown\tchanged\torder 7\n");
}

TEST_CASE("a dump may come through a pipe that has a name, and a SQLite database may not") {
  const Place place;
  const auto through_pipe = [&](std::string_view bytes) {
    const std::filesystem::path pipe = place.folder / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::thread writer([&] { std::ofstream(pipe) << bytes; });
    ProgramResult result = place.run({"import", "django", pipe.string(), "--dry-run"});
    // A program that did not open it would leave the writer waiting.
    const int end = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    writer.join();
    ::close(end);
    std::filesystem::remove(pipe);
    return result;
  };
  const ProgramResult dump = through_pipe(kDump);
  INFO(dump.err);
  CHECK(dump.exit_status == 0);
  CHECK(has(dump.out, "orders\t1\t1\n"));
  CHECK(has(through_pipe("[").err, "the dump ends in the middle, after 1 bytes"));
  constexpr std::string_view kDatabase("SQLite format 3\0, and more", 26);
  constexpr std::string_view kWhy = "is a SQLite database, which can't be read from a pipe; name its file";
  check_refused(through_pipe(kDatabase), kWhy);
  check_refused(place.run({"import", "django", "-", "--dry-run"}, std::string(kDatabase)), kWhy);
}

TEST_CASE("an imported user is disabled until createsuperuser sets the password, once") {
  const Place place;
  REQUIRE(place.import(kDump).exit_status == 0);
  const auto create = [&] {
    return place.run({"createsuperuser", "--username", "Ada", "--password-stdin"}, "correct horse\n");
  };
  const ProgramResult result = create();
  CHECK(result.exit_status == 0);
  CHECK(result.out == "set the password of the administrator Ada\n");
  CHECK(query_texts(place.database, "SELECT password_hash FROM users").at(0).starts_with("$argon2id$"));
  CHECK(query_number(place.database, "SELECT is_superuser FROM users WHERE id = 2") == 1);
  check_refused(create(), "there is a user of this name");
}

TEST_CASE("a shop that has something is refused before the source is read") {
  const Place place;
  REQUIRE(place.import(kDump).exit_status == 0);
  check_refused(place.import("no dump at all"), "the shop has users already");
  check_refused(place.import("no dump at all", {"--dry-run"}), "the shop has users already");
  check_verified(place.database);
}

TEST_CASE("what is refused leaves no shop behind") {
  const Place place;
  check_refused(place.import("{\"orders\": []}"), "manage.py dumpdata --format json");
  check_refused(place.import("[]"), "the dump holds no objects\n");
  check_refused(place.import("\xEF\xBB\xBF[]"), "the dump holds no objects\n");
  check_refused(place.import(R"([{"model": "sessions.session", "pk": "x", "fields": {}}])"),
                "no objects but what Django keeps for itself");
  check_refused(place.import(R"([{"model": "shop.store", "pk": 1, "fields": {"name": "North"}}])"),
                "no table holds the inventory");
  check_refused(place.run({"import", "django", (place.folder / "nothing").string()}), "can't be read");
  check_refused(place.run({"import", "django", "postgres://nobody@127.0.0.1:1/none", "--lock-timeout", "1"}),
                "can't be reached");
  CHECK(!is_made(place.database));
}

TEST_CASE("a table of ids that is there already is not written over") {
  const Place place;
  std::string dump(kDump);
  for (std::size_t at = dump.find("\"pk\": 7"); at != std::string::npos; at = dump.find("\"pk\": 7"))
    dump.replace(at, 7, "\"pk\": \"u7\"");
  for (std::size_t at = dump.find("\"order\": 7"); at != std::string::npos; at = dump.find("\"order\": 7"))
    dump.replace(at, 10, "\"order\": \"u7\"");
  const std::string ids = place.folder.write("ids.tsv", "mine\n").string();
  check_refused(place.import(dump, {"--ids", ids}), "is there already");
  CHECK(read_file(ids) == "mine\n");

  const std::string free = (place.folder / "free.tsv").string();
  const ProgramResult result = place.import(dump, {"--ids", free});
  INFO(result.out, result.err);
  CHECK(result.exit_status == 0);
  CHECK(has(result.err, "old keys and new ids: " + free));
  CHECK(read_file(free) == "table\told\tnew\norders\tu7\t1\n");
}

TEST_CASE("a report takes the place of an earlier one, and of no other file") {
  const Place place;
  const std::string source = (place.folder / "dump.json").string();
  const std::string report = place.folder.write("report.tsv", "kind\teffect\twhat\nold\n").string();
  CHECK(place.import(kDump, {"--dry-run", "--report", report}).exit_status == 0);
  CHECK(!has(read_file(report), "old"));

  std::filesystem::create_symlink(source, place.folder / "link");
  for (const std::string& other : {source, (place.folder / "link").string(), place.folder.path().string()}) {
    CAPTURE(other);
    check_refused(place.import(kDump, {"--dry-run", "--report", other}), "is no report of an import");
  }
  CHECK(read_file(source) == kDump);

  const std::string ids = (place.folder / "ids.tsv").string();
  CHECK(place.import(kDump, {"--report", ids, "--ids", ids}).exit_status == 2);
  if (!place.database.is_postgres()) {
    CHECK(place.import(kDump, {"--report", place.database.string()}).exit_status == 2);
    CHECK(place.import(kDump, {"--ids", place.database.string()}).exit_status == 2);
  }
  CHECK(!is_made(place.database));
}

TEST_CASE("options that can't be meant are wrong usage, and files may be called as commands are") {
  const Place place;
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--table", "oders=x"}, {"--column", "price"}, {"--status", "paid=done"}}) {
    const ProgramResult result = place.import(kDump, options);
    CHECK(result.exit_status == 2);
    CHECK(has(result.err, options[0] + ' '));
  }
  CHECK(place.run({"import", "django", "mysql://x/y"}).exit_status == 2);
  place.folder.write("django", "title,price,category\nMug,4.50,Kitchen\n");
  const ProgramResult products = place.run({"import", "products", "django"});
  INFO(products.err);
  CHECK(products.exit_status == 0);
  CHECK(has(products.out, "created 1"));
}

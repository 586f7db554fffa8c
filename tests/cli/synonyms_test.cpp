// The commands for synonyms, by themselves and beside a running server.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/expect_program.h"
#include "support/http_client.h"
#include "support/json.h"
#include "support/program.h"
#include "support/server.h"
#include "support/shop.h"
#include "support/temporary_folder.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

using Command = std::vector<std::string>;

struct CornerShop {
  TemporaryFolder folder;
  Location database = make_database(Goods::corner, folder);

  ProgramResult run(Command command) const {
    command.insert(command.begin(), "synonyms");
    command.insert(command.end(), {"--database", database.string()});
    return run_program(command, {.folder = folder.path()});
  }
  json run_json(Command command) const {
    command.emplace_back("--json");
    const ProgramResult result = run(command);
    INFO("it wrote: ", result.err);
    CHECK(result.err.empty());
    return parse(result.out);
  }
};

TEST_CASE("synonyms are added, listed and removed, and each is told in a line") {
  const CornerShop shop;
  CHECK(shop.run({}).err == "there are no synonyms\n");
  CHECK(shop.run({"add", "beaker", "mug", "--one-way"}).out == "beaker now also finds mug\n");
  CHECK(shop.run({"add", "beaker", "Mug", "--one-way"}).out == "beaker finds Mug already\n");
  CHECK(shop.run({"add", "garden dwarf", "gnome"}).out == "garden dwarf and gnome now find each other\n");
  CHECK(shop.run({"add", "gnome", "garden dwarf"}).out == "gnome and garden dwarf find each other already\n");
  const std::string listed = "who types\talso finds\tways\nbeaker\tmug\tone\ngarden dwarf\tgnome\tboth\n";
  CHECK(shop.run({}).out == listed);
  CHECK(shop.run({"list"}).out == listed);
  CHECK(shop.run({"remove", "beaker", "mug"}).out == "beaker and mug no longer find each other\n");
  CHECK(shop.run({"remove", "gnome", "garden dwarf", "--one-way"}).out ==
        "gnome no longer finds garden dwarf\n");
  CHECK(shop.run({"list"}).out == "who types\talso finds\tways\ngarden dwarf\tgnome\tone\n");
}

TEST_CASE("synonyms are told as JSON, too") {
  const CornerShop shop;
  CHECK(shop.run_json({"list"}) == json::array());
  const json added = shop.run_json({"add", "beaker", "mug", "--one-way"});
  CHECK(added == json{{"term", "beaker"}, {"also", "mug"}, {"one_way", true}, {"is_new", true}});
  CHECK(shop.run_json({"add", "beaker", "mug", "--one-way"})["is_new"] == false);
  CHECK(shop.run_json({}) == json::array({{{"term", "beaker"}, {"also", "mug"}, {"one_way", true}}}));
  CHECK(shop.run_json({"remove", "beaker", "mug"}) ==
        json{{"term", "beaker"}, {"also", "mug"}, {"one_way", false}, {"removed", true}});
  const ProgramResult gone = shop.run({"remove", "beaker", "mug", "--json"});
  CHECK(gone.exit_status == 1);
  CHECK(parse(gone.out)["error"]["kind"] == "not-found");
}

TEST_CASE("what can't be a synonym is wrong usage, and says why") {
  const CornerShop shop;
  const auto check_wrong = [&](const Command& command, const std::string& why) {
    CAPTURE(why);
    const ProgramResult result = shop.run(command);
    CHECK(result.exit_status == 2);
    CHECK(result.out.empty());
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    CHECK(has(result.err, why));
  };
  check_wrong({"add", "beaker"}, "ALSO");
  check_wrong({"add", "beaker", "mug", "tumbler"}, "tumbler");
  check_wrong({"add", "beaker", "Beaker!"}, "ALSO must not be the same word");
  check_wrong({"add", "!?", std::string(10'000, 'x')},
              "TERM must have a letter or a digit; ALSO must have at most");
  check_wrong({"add", "a\x01z", "\xFF"}, "TERM");
  check_wrong({"add", "one two three four five six", "mug"}, "TERM must have at most 5 words");
  check_wrong({"remove", "", "mug"}, "TERM must not be empty");
  check_wrong({"lsit"}, "did you mean list");
  check_refused(shop.run({"remove", "beaker", "mug"}), "\"beaker\" is not looked for as \"mug\"");
  CHECK(shop.run({}).out.empty());
}

TEST_CASE("a term with as many synonyms as it may have is refused one more") {
  const CornerShop shop;
  for (int i = 0; i < 16; ++i) shop.run({"add", "beaker", "vessel " + std::to_string(i), "--one-way"});
  check_refused(shop.run({"add", "beaker", "mug"}), "\"beaker\" has 16 synonyms already");
}

TEST_CASE("what is typed and found by a synonym is explained") {
  const CornerShop shop;
  shop.run({"add", "beaker", "mug"});
  const ProgramResult found =
      run_program({"search", "beakers", "--explain", "--database", shop.database.string()},
                  {.folder = shop.folder.path()});
  CHECK(has(found.out, "\tKitchen\tall\t0."));
  CHECK(found.err == "beakers was looked for as mug, too\n");
  const json document =
      parse(run_program({"search", "beakers", "--explain", "--json", "--database", shop.database.string()},
                        {.folder = shop.folder.path()})
                .out);
  CHECK(document["synonyms"] == json::array({{{"typed", "beakers"}, {"also", "mug"}}}));
  CHECK(document["count"] == 2);
}

TEST_CASE("a running server finds by a synonym from the moment on in which it was added, and no longer") {
  const CornerShop shop;
  const Server server(shop.database);
  const auto count = [&] {
    return parse(HttpClient(server.port()).get("/api/search/products/?q=beaker&highlight=true").body);
  };
  CHECK(count()["count"] == 0);
  CHECK(shop.run({"add", "beaker", "mug"}).exit_status == 0);
  const json found = count();
  CHECK(found["count"] == 2);
  CHECK(found["matched"] == "all");
  CHECK(has(found["results"][0]["highlights"]["title"].get<std::string>(), "<mark>Mug</mark>"));
  CHECK(!found.contains("synonyms"));
  CHECK(shop.run({"remove", "beaker", "mug"}).exit_status == 0);
  CHECK(count()["count"] == 0);
}

}  // namespace

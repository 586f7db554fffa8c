// The columns that carry the shop's promises are each written by one file, behind which stands all that must
// follow from the writing. This reads the SQL of the whole program and names any other writer.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "support/source_tree.h"

namespace {

using aforro::test::listed;
using aforro::test::SourceFile;
using aforro::test::sources_below;
using aforro::test::string_literals;

using Paths = std::vector<std::string>;

const std::map<std::string, Paths>& doors() {
  static const std::map<std::string, Paths> kDoors = {
      {"inventory", {"lib/shop/inventory_posting.cpp"}},  // the quantity, its row's version …
      {"movements", {"lib/shop/inventory_posting.cpp"}},  // … and the movement that says why
      {"orders", {"lib/shop/order_rows.cpp"}},            // the status
      // The counts of words; the row for all products, in shops that were there before it.
      {"vocabulary", {"lib/shop/vocabulary.cpp", "lib/shop/schema_4.cpp"}},
      {"synonyms", {"lib/shop/synonyms.cpp"}},  // whose number is bounded
      // Each says to the vocabulary which words come and go; but a copy takes that as it is (new_shop.cpp,
      // whose other caller says it), and the step to version 3 comes before the words are counted first.
      {"products",
       {"lib/shop/product_writing.cpp", "lib/seed/seed.cpp", "lib/shop/new_shop.cpp",
        "lib/shop/schema_3.cpp"}},
  };
  return kDoors;
}

// The tables that a statement writes; "" for one whose name does not stand in the same literal.
std::vector<std::string> written_tables(std::string sql) {
  std::transform(sql.begin(), sql.end(), sql.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  static const std::regex kWrite(
      R"re((?:^|[^a-z_])(?:(?:insert|replace)(?:\s+or\s+[a-z]+)?\s+into|update(?:\s+or\s+[a-z]+)?|delete\s+from|)re"
      R"re(merge\s+into|truncate(?:\s+table)?|copy)(?:\s+only)?\s+(?:"?(?:main|public)"?\.)?"?([a-z_]*))re");
  std::vector<std::string> tables;
  for (std::sregex_iterator at(sql.begin(), sql.end(), kWrite), end; at != end; ++at) {
    const std::string table = (*at)[1];
    const bool is_clause = table == "set" || table == "of" || table == "nowait" || table == "skip";
    if (!is_clause) tables.push_back(table);  // "DO UPDATE SET", "FOR UPDATE OF", "FOR UPDATE SKIP LOCKED"
  }
  return tables;
}

std::vector<std::string> other_writers(const SourceFile& file) {
  std::vector<std::string> complaints;
  for (const std::string& literal : string_literals(file.text)) {
    for (const std::string& table : written_tables(literal)) {
      const auto door = doors().find(table);
      if (door == doors().end()) continue;
      const Paths& paths = door->second;
      if (std::find(paths.begin(), paths.end(), file.path) != paths.end()) continue;
      complaints.push_back(file.path + " writes " + table + ", which only " + listed(paths) + " may: \"" +
                           literal + '"');
    }
  }
  return complaints;
}

bool writes(const SourceFile& file, const std::string& table) {
  for (const std::string& literal : string_literals(file.text)) {
    const auto tables = written_tables(literal);
    if (std::find(tables.begin(), tables.end(), table) != tables.end()) return true;
  }
  return false;
}

TEST_CASE("quantities, movements, the status of orders, products and words are written by the files listed") {
  const std::vector<SourceFile> files = sources_below(AFORRO_SOURCE, {"lib", "app"});
  std::vector<std::string> complaints;
  for (const auto& entry : doors()) {
    const std::string& table = entry.first;
    for (const std::string& path : entry.second) {
      const auto door = std::find_if(files.begin(), files.end(),
                                     [&path](const SourceFile& file) { return file.path == path; });
      REQUIRE(door != files.end());
      CHECK_MESSAGE(writes(*door, table), path, " does not write ", table, ", or this test does not see it");
    }
  }
  for (const SourceFile& file : files) {
    const auto more = other_writers(file);
    complaints.insert(complaints.end(), more.begin(), more.end());
  }
  CHECK_MESSAGE(complaints.empty(), listed(complaints));
}

TEST_CASE("another writer is named, however it is written") {
  for (const std::string code :
       {R"code(run("UPDATE inventory SET quantity = 1");)code",
        R"code(run("INSERT INTO movements VALUES (1)");)code",
        R"code(run("INSERT OR REPLACE INTO orders (id) VALUES (1)");)code",
        R"code(run("delete from orders");)code",
        "run(\"UPDATE \"\n    \"inventory\"\n    \" SET version = 2\");",
        R"code(run("UPDATE main.orders SET x = 1");)code",
        "run(R\"(\n  update only\n    \"inventory\" set quantity = 0)\");",
        R"code(run("WITH a AS (SELECT 1) UPDATE orders SET status = 'EXPIRED'");)code",
        R"code(run("DELETE FROM products WHERE id = $1");)code",
        R"code(run("UPDATE vocabulary SET products = 0");)code"}) {
    CAPTURE(code);
    CHECK(other_writers({"lib/shop/inventory.cpp", code}).size() == 1);
  }
}

TEST_CASE("reading, other tables, and what is only spoken of are nobody's business") {
  for (const std::string code :
       {R"code(run("SELECT quantity FROM inventory WHERE store_id = $1 FOR UPDATE OF inventory");)code",
        R"code(run("INSERT INTO categories (name) VALUES ($1) ON CONFLICT DO UPDATE SET name = 1");)code",
        R"code(run("INSERT INTO order_lines VALUES (1)");
         run("UPDATE inventory_notes SET x = 1");)code",
        "// \"UPDATE inventory\" would be wrong\nint x = 1'000;",
        R"code(const char c = '"'; say("last_update orders");)code"}) {
    CAPTURE(code);
    CHECK(other_writers({"lib/shop/catalogue.cpp", code}).empty());
  }
}

}  // namespace

// Holds the includes of lib and app to the layers of docs/ARCHITECTURE.md, and every file to a few rules that
// readers rely on.
#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/source_tree.h"

namespace {

using aforro::test::listed;
using aforro::test::part_of;
using aforro::test::SourceFile;
using aforro::test::sources_below;

// Whom each folder includes, itself aside. A new folder is added here and to docs/ARCHITECTURE.md.
using Layers = std::map<std::string, std::set<std::string>, std::less<>>;

const Layers& layers() {
  static const Layers kLayers = {
      {"base", {}},
      {"sql", {"base"}},
      {"jobs", {"base", "sql"}},
      {"shop", {"base", "jobs", "sql"}},
      {"accounts", {"base", "shop", "sql"}},
      {"bulk", {"base", "shop"}},
      {"copy", {"base", "shop", "sql"}},
      {"django", {"accounts", "base", "shop", "sql"}},
      {"seed", {"base", "shop", "sql"}},
      {"search", {"base", "shop", "sql"}},
      {"render", {"base", "search", "shop"}},
      {"verify", {"base", "search", "shop", "sql"}},
      {"notify", {"base", "jobs", "shop", "sql"}},
      {"cache", {"base"}},
      {"limit", {"base"}},
      {"redis", {"base", "cache", "limit"}},
      {"http", {"base", "limit"}},
      {"api", {"base", "cache", "http", "render", "search", "shop", "sql"}},
      {"app",
       {"accounts", "api", "base", "bulk", "cache", "copy", "django", "http", "jobs", "limit", "notify",
        "render", "search", "redis", "seed", "shop", "sql", "verify"}},
  };
  return kLayers;
}

// What stands between the quotes of `#include "…"`; nothing for any other line.
std::optional<std::string> quoted_include(std::string_view line) {
  const auto skip_spaces = [&line] {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  };
  skip_spaces();
  if (!line.starts_with('#')) return std::nullopt;
  line.remove_prefix(1);
  skip_spaces();
  constexpr std::string_view directive = "include";
  if (!line.starts_with(directive)) return std::nullopt;
  line.remove_prefix(directive.size());
  skip_spaces();
  if (!line.starts_with('"')) return std::nullopt;
  line.remove_prefix(1);
  return std::string(line.substr(0, line.find('"')));
}

// One sentence for each arrow of the layers that no include needs.
std::vector<std::string> unused_arrows(const Layers& granted, const std::vector<SourceFile>& files) {
  Layers used;
  for (const SourceFile& file : files) {
    std::istringstream lines(file.text);
    for (std::string line; std::getline(lines, line);) {
      const std::optional<std::string> target = quoted_include(line);
      if (target) used[part_of(file.path)].insert(part_of(*target));
    }
  }
  std::vector<std::string> complaints;
  for (const auto& [folder, below] : granted) {
    for (const std::string& other : below) {
      if (!used[folder].contains(other))
        complaints.push_back(folder + " may know " + other + ", and does not");
    }
  }
  return complaints;
}

// One sentence for each include that points where the layers don't allow it.
std::vector<std::string> forbidden_includes(const SourceFile& file) {
  const std::string folder = part_of(file.path);
  const auto allowed = layers().find(folder);
  if (allowed == layers().end()) return {file.path + " stands in a folder that has no layer"};
  std::vector<std::string> complaints;
  std::istringstream lines(file.text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::optional<std::string> target = quoted_include(line);
    if (!target || (folder == "app" && target == "version.h")) continue;  // version.h is made by the build
    const std::string where = file.path + ":" + std::to_string(number) + " includes \"" + *target + "\": ";
    const std::string to = part_of(*target);
    if (target->find('/') == std::string::npos || target->starts_with(".") || target->starts_with("lib/")) {
      complaints.push_back(where + "write it from the folder lib (\"shop/order.h\")");
    } else if (!layers().contains(to)) {
      complaints.push_back(where + to + " has no layer");
    } else if (to != folder && !allowed->second.contains(to)) {
      complaints.push_back(where + folder + " must not know " + to);
    }
  }
  return complaints;
}

// One sentence for each rule of headers that this one breaks.
std::vector<std::string> header_faults(const SourceFile& file) {
  std::vector<std::string> complaints;
  if (!file.text.starts_with("//")) {
    complaints.push_back(file.path + " does not open with a comment that says what it is and promises");
  }
  if (file.text.find("\n#pragma once\n") == std::string::npos) {
    complaints.push_back(file.path + " has no #pragma once");
  }
  return complaints;
}

bool is_header(const SourceFile& file) { return file.path.ends_with(".h"); }

TEST_CASE("every include of lib and app points down the layers") {
  const std::vector<SourceFile> files = sources_below(AFORRO_SOURCE, {"lib", "app"});
  REQUIRE(!files.empty());
  std::vector<std::string> complaints;
  for (const SourceFile& file : files) {
    std::ranges::copy(forbidden_includes(file), std::back_inserter(complaints));
  }
  CHECK_MESSAGE(complaints.empty(), listed(complaints));
}

TEST_CASE("every header opens with a comment and is included once") {
  std::vector<std::string> complaints;
  for (const SourceFile& file : sources_below(AFORRO_SOURCE, {"lib", "app", "tests"})) {
    if (is_header(file)) std::ranges::copy(header_faults(file), std::back_inserter(complaints));
  }
  CHECK_MESSAGE(complaints.empty(), listed(complaints));
}

TEST_CASE("every arrow of the layers is one that an include needs") {
  const std::vector<std::string> complaints =
      unused_arrows(layers(), sources_below(AFORRO_SOURCE, {"lib", "app"}));
  CHECK_MESSAGE(complaints.empty(), listed(complaints));
}

TEST_CASE("the layers themselves have no circle") {
  std::set<std::string> below;  // all that stand below those looked at so far
  while (below.size() < layers().size()) {
    const std::size_t before = below.size();
    for (const auto& [folder, others] : layers()) {
      if (std::ranges::includes(below, others)) below.insert(folder);
    }
    REQUIRE(below.size() > before);
  }
}

TEST_CASE("an arrow that no include needs is reported") {
  const Layers granted{{"base", {}}, {"shop", {"base", "sql"}}, {"sql", {"base"}}};

  const std::vector<std::string> complaints =
      unused_arrows(granted, {{"lib/shop/order.h", "#include \"base/money.h\"\n#include \"shop/types.h\"\n"},
                              {"lib/sql/text.h", "#include \"base/text.h\"\n"}});

  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0] == "shop may know sql, and does not");
}

TEST_CASE("an include that points up the layers is reported with its line") {
  const SourceFile file{"lib/shop/order.cpp",
                        "#include <string>\n#include \"base/money.h\"\n  # include \"search/search.h\"\n"};

  const std::vector<std::string> complaints = forbidden_includes(file);

  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0] == "lib/shop/order.cpp:3 includes \"search/search.h\": shop must not know search");
}

TEST_CASE("an include across the layers, or of an unknown folder, is reported") {
  CHECK(forbidden_includes({"lib/cache/lru.h", "#include \"sql/connection.h\"\n"}).size() == 1);
  CHECK(forbidden_includes({"lib/sql/sqlite.cpp", "#include \"http/request.h\"\n"}).size() == 1);
  CHECK(forbidden_includes({"lib/http/router.cpp", "#include \"shop/order.h\"\n"}).size() == 1);
  CHECK(forbidden_includes({"lib/api/orders.cpp", "#include \"app/command.h\"\n"}).size() == 1);
  CHECK(forbidden_includes({"lib/api/orders.cpp", "#include \"misc/stuff.h\"\n"}).size() == 1);
  CHECK(forbidden_includes({"lib/misc/stuff.cpp", ""}).size() == 1);
  CHECK(forbidden_includes({"lib/shop/order.cpp", "#include \"order.h\"\n"}).size() == 1);
  CHECK(forbidden_includes({"lib/shop/order.cpp", "#include \"../shop/order.h\"\n"}).size() == 1);
}

TEST_CASE("an include within a folder or down the layers is fine") {
  CHECK(forbidden_includes({"lib/shop/order.cpp", "#include \"shop/order.h\"\n"}).empty());
  CHECK(forbidden_includes({"lib/api/orders.cpp", "#include \"cache/cache.h\"\n#include \"shop/order.h\"\n"})
            .empty());
  CHECK(
      forbidden_includes({"app/serve.cpp", "#include \"app/command.h\"\n#include \"api/api.h\"\n"}).empty());
  CHECK(forbidden_includes({"app/version.cpp", "#include \"version.h\"\n"}).empty());
  CHECK(forbidden_includes({"lib/base/text.cpp", "#include <utf8proc.h>\n// #include \"shop/order.h\"\n"})
            .empty());
}

TEST_CASE("a header without its opening or its guard is reported") {
  CHECK(header_faults({"lib/shop/order.h", "// An order.\n#pragma once\n"}).empty());
  CHECK(header_faults({"lib/shop/order.h", "#pragma once\n// An order.\n"}).size() == 2);
  CHECK(header_faults({"lib/shop/order.h", "// An order.\nclass Order;\n"}).size() == 1);
}

}  // namespace

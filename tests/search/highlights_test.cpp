#include "search/highlights.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/shorten.h"
#include "base/text.h"
#include "search/product_search.h"
#include "support/local_shop.h"

namespace {

using namespace aforro;          // NOLINT: of several parts
using namespace aforro::search;  // NOLINT
using test::LocalShop;

// All words of the query whole, the last as a beginning, as a search looks for them first.
Highlighter looking_for(std::string_view query) {
  Highlighter highlighter;
  const std::vector<std::string> found = words(query);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const bool is_last = i + 1 == found.size();
    highlighter.add({{{is_last ? Term::Kind::beginning : Term::Kind::word, found[i]}}});
  }
  return highlighter;
}

std::string title(std::string_view query, std::string_view text) {
  return in_html(looking_for(query).highlight(text, "").title);
}

std::string description(std::string_view query, std::string_view text) {
  return in_html(looking_for(query).highlight("", text).description);
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST_CASE("a word is marked as a whole, of a beginning what was typed") {
  CHECK(title("wireless head", "Wireless Headphones") == "<mark>Wireless</mark> <mark>Head</mark>phones");
  CHECK(title("head", "Wireless Headphones") == "Wireless <mark>Head</mark>phones");
  CHECK(title("head x", "Wireless Headphones") == "Wireless Headphones");
  CHECK(title("mx", "MX-500, mx and XMX") == "<mark>MX</mark>-500, <mark>mx</mark> and XMX");
}

TEST_CASE("what was typed is found in the text as it stands, whatever its case and accents") {
  CHECK(title("creme", "Café CRÈME") == "Café <mark>CRÈME</mark>");
  CHECK(title("cafe", "Cafe\u0301s") == "<mark>Cafe\u0301</mark>s");
  CHECK(title("strass", "Große Straße") == "Große <mark>Straß</mark>e");
  CHECK(title("stras", "Große Straße") == "Große <mark>Straß</mark>e");  // a half of ß is all of it
  CHECK(title("of", "Oﬃce") == "<mark>Oﬃ</mark>ce");                     // a ligature too
  CHECK(title("куртка", "Зимняя КУРТКА, новая") == "Зимняя <mark>КУРТКА</mark>, новая");
  CHECK(title("кии", "кий") == "кий");  // й is another letter
  CHECK(title("пчел", "Пчёлы") == "<mark>Пчёл</mark>ы");
  CHECK(title("เสื้อ", "เสื้อยืด") == "<mark>เสื้อ</mark>ยืด");
  CHECK(title("เสื", "เสื้อยืด") == "<mark>เสื้</mark>อยืด");  // no character is cut
  CHECK(title("赤い", "赤い靴") == "<mark>赤い</mark>靴");
  CHECK(title("カード", "ガード カード") == "ガード <mark>カード</mark>");
  CHECK(title("한국", "한국어사전") == "<mark>한국</mark>어사전");
  CHECK(title("محمد", "مُحَمَّد") == "<mark>مُحَمَّد</mark>");
  CHECK(title("full", "ＦＵＬＬ　ＷＩＤＴＨ") == "<mark>ＦＵＬＬ</mark>　ＷＩＤＴＨ");
  CHECK(title("2", "½ inch") == "<mark>½</mark> inch");
}

TEST_CASE("an emoji is marked as a whole, with what belongs to it") {
  CHECK(title("👍", "👍🏽 Thumb") == "<mark>👍🏽</mark> Thumb");
  CHECK(title("👩", "The 👨‍👩‍👧 family") == "The <mark>👨‍👩‍👧</mark> family");
  CHECK(title("🇫🇷", "🇫🇷🇩🇪") == "<mark>🇫🇷</mark>🇩🇪");
}

TEST_CASE("all but the marks is escaped") {
  CHECK(title("b", "<b>Bold</b> & \"quoted\" 'B'") ==
        "&lt;<mark>b</mark>&gt;<mark>B</mark>old&lt;/<mark>b</mark>&gt; &amp; &quot;quoted&quot; "
        "&#39;<mark>B</mark>&#39;");
  CHECK(title("mark", "<mark>x</mark>") == "&lt;<mark>mark</mark>&gt;x&lt;/<mark>mark</mark>&gt;");
  CHECK(description("x", "<script>alert('x')</script>") ==
        "&lt;script&gt;alert(&#39;<mark>x</mark>&#39;)&lt;/script&gt;");
}

TEST_CASE("marks that overlap or touch are one") {
  Highlighter highlighter;
  highlighter.add({{{Term::Kind::beginning, "head"}, {Term::Kind::word, "headphones"}}});
  highlighter.add({{{Term::Kind::inside, "phone"}}});
  highlighter.add({{{Term::Kind::inside, "smart"}}});
  CHECK(in_html(highlighter.highlight("Headphones Headphone Smartphones", "").title) ==
        "<mark>Headphones</mark> <mark>Headphone</mark> <mark>Smartphone</mark>s");
}

TEST_CASE("the inside of words is marked in titles alone, where it is looked for") {
  Highlighter highlighter;
  highlighter.add({{{Term::Kind::inside, "phone"}}});
  const Highlights found = highlighter.highlight("Smartphone", "A smartphone.");
  CHECK(in_html(found.title) == "Smart<mark>phone</mark>");
  CHECK(in_html(found.description) == "A smartphone.");
}

TEST_CASE("the words of a phrase are marked where they follow each other") {
  Highlighter highlighter;
  highlighter.add({{{Term::Kind::phrase, "mx 500"}}});
  CHECK(in_html(highlighter.highlight("MX-500 for MX 600, 500", "").title) ==
        "<mark>MX</mark>-<mark>500</mark> for MX 600, 500");
  CHECK(in_html(highlighter.highlight("500 MX", "").title) == "500 MX");
}

TEST_CASE("a description of 200 characters stands as a whole") {
  const std::string whole = repeated("ä", 195) + " mug.";
  CHECK(description("mug", whole) == repeated("ä", 195) + " <mark>mug</mark>.");
  CHECK(count_characters(looking_for("mug").highlight("", whole + "x").description.text) <= 200);
}

TEST_CASE("a longer one is cut at spaces around what was found, and says where") {
  const std::string text = repeated("hay ", 200) + "needle" + repeated(" straw", 200);
  const MarkedText found = looking_for("needle").highlight("", text).description;
  CHECK(found.text.starts_with("…hay "));
  CHECK(found.text.ends_with(" straw…"));
  CHECK(count_characters(found.text) <= 200);
  CHECK(count_characters(found.text) > 190);
  REQUIRE(found.marks.size() == 1);
  CHECK(found.text.substr(found.marks[0].begin, found.marks[0].end - found.marks[0].begin) == "needle");
}

TEST_CASE("at the ends of a description nothing is cut off that is not there") {
  const MarkedText first =
      looking_for("needle").highlight("", "Needle " + repeated("straw ", 100)).description;
  CHECK(first.text.starts_with("Needle straw"));
  CHECK(first.text.ends_with(" straw…"));
  const MarkedText last = looking_for("needle").highlight("", repeated("hay ", 100) + "needle").description;
  CHECK(last.text.starts_with("…hay "));
  CHECK(last.text.ends_with("hay needle"));
  CHECK(count_characters(last.text) > 190);
}

TEST_CASE("of several places that one is shown which has the most different words, the first of them") {
  const std::string gap = repeated("hay ", 100);
  const std::string text = "red red red " + gap + "red mug here " + gap + "red mug there " + gap;
  const std::string found = description("red mug", text);
  CHECK(found.find("<mark>red</mark> <mark>mug</mark> here") != std::string::npos);
  CHECK(found.find("there") == std::string::npos);
}

TEST_CASE("without anything found the beginning of a description is shown") {
  const std::string text = "Once upon " + repeated("a time ", 100);
  const MarkedText found = looking_for("nothing").highlight("", text).description;
  CHECK(found.text.starts_with("Once upon a time"));
  CHECK(found.text.ends_with("…"));
  CHECK(found.marks.empty());
  CHECK(count_characters(found.text) <= 200);
  CHECK(in_html(Highlighter().highlight("A & B", "").title) == "A &amp; B");
}

TEST_CASE("nothing is cut within a character, of scripts without spaces and of letters with many marks") {
  const std::string chinese = repeated("干", 500) + "靴" + repeated("草", 500);
  const std::string found = description("靴", chinese);
  CHECK(is_valid_utf8(found));
  CHECK(found.find("干<mark>靴</mark>草") ==
        std::string::npos);  // one word, of which it is not the beginning
  Highlighter beginning;
  beginning.add({{{Term::Kind::beginning, repeated("干", 200)}}});
  const MarkedText cut = beginning.highlight("", chinese).description;
  CHECK(cut.text.starts_with("干"));
  CHECK(count_characters(cut.text) == 200);

  std::string marks = "e";
  for (int i = 0; i < 9; ++i) marks += "\u0301";
  const MarkedText whole = looking_for("x").highlight("", repeated(marks, 100)).description;
  CHECK(whole.text == repeated(marks, 19) + "…");
  // A letter with more marks than may be shown is left out.
  CHECK(looking_for("x").highlight("", "e" + repeated("\u0301", 400)).description.text == "…");
}

TEST_CASE("the words of a text and their places are its words") {
  for (const std::string text :
       {"", "MX-500 Mouse", "Größe Straße", "½ inch Ⅷ x²", "👨‍👩‍👧 🇫🇷🇩🇪 1️⃣",
        "เสื้อยืด ខ្មែរ", "a\u200bb \u00ad c", "مُحَمَّد", "한국어사전 ᄒ\u1161ᆫ", "ﾊﾞｯｸﾞ が",
        "\u0301 a \u0301\u0302"}) {
    CAPTURE(text);
    std::vector<std::string> found;
    for (const WordSpan& span : word_spans(text)) {
      found.push_back(span.word);
      const Span all = span.in_text();
      CHECK(all.end <= text.size());
      CHECK(span.in_text({0, span.word.size()}) == all);
    }
    CHECK(found == words(text));
  }
}

// --- In a search -----------------------------------------------------------------------------------

struct HighlightShop : LocalShop {
  std::vector<std::string> titles(const std::string& text, const std::string& sort = "relevance") {
    std::vector<std::string> found;
    const SearchResults results =
        search->search(parse_search({{"q", text}, {"highlight", "true"}, {"sort", sort}}));
    for (const SearchResult& result : results.page) found.push_back(in_html(result.highlights.value().title));
    return found;
  }
  std::unique_ptr<ProductSearch> search = database.make_search();
};

using Titles = std::vector<std::string>;

TEST_CASE("a result has what it was found by marked, in each step and order of a search") {
  HighlightShop shop;
  shop.add({.title = "Wireless Headphones"});
  shop.add({.title = "Red Shoes"});
  shop.add({.title = "MX 500 Mouse"});
  shop.add({.title = "Smartwatch"});
  for (const std::string sort : {"relevance", "title"}) {
    CAPTURE(sort);
    CHECK(shop.titles("wireless head", sort) == Titles{"<mark>Wireless</mark> <mark>Head</mark>phones"});
    CHECK(shop.titles("shoe red", sort) == Titles{"<mark>Red</mark> <mark>Shoes</mark>"});
    CHECK(shop.titles("mx500 mouse", sort) == Titles{"<mark>MX</mark> <mark>500</mark> <mark>Mouse</mark>"});
    CHECK(shop.titles("watch", sort) == Titles{"Smart<mark>watch</mark>"});
    CHECK(shop.titles("head phones", sort) == Titles{"Wireless <mark>Headphones</mark>"});
    // The words of the catalogue, not the misspelt ones.
    CHECK(shop.titles("wirelss headphones", sort) == Titles{"<mark>Wireless</mark> <mark>Headphones</mark>"});
    CHECK(shop.titles("red carpet", sort) == Titles{"<mark>Red</mark> Shoes"});
  }
}

TEST_CASE("highlights are there if they were asked for, without a text to be found too") {
  HighlightShop shop;
  shop.add({.title = "Salt & Pepper", .description = repeated("Hot. ", 60)});
  const auto find = [&](const ParameterList& parameters) {
    return shop.search->search(parse_search(parameters)).page.at(0).highlights;
  };
  CHECK(!find({}));
  CHECK(!find({{"q", "salt"}}));
  CHECK(!find({{"q", "salt"}, {"highlight", "no"}}));
  const Highlights listed = find({{"highlight", "YES"}}).value();
  CHECK(in_html(listed.title) == "Salt &amp; Pepper");
  CHECK(listed.description.text == repeated("Hot. ", 39) + "Hot.…");
  CHECK(in_html(find({{"q", "salt"}, {"highlight", "1"}}).value().title) == "<mark>Salt</mark> &amp; Pepper");
  CHECK_THROWS(parse_search({{"highlight", "maybe"}}));
}

}  // namespace

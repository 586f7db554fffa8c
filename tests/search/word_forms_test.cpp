#include "search/word_forms.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "search/ranking.h"
#include "search/spelling.h"

namespace {

using namespace aforro::search;  // NOLINT: their names are what is tested

bool are_one(const std::string& a, const std::string& b) {
  const std::vector<std::string> forms = number_forms(a);
  return std::find(forms.begin(), forms.end(), b) != forms.end();
}

TEST_CASE("a word and its plural are forms of each other") {
  for (const auto& row : {std::pair{"shoe", "shoes"},
                          {"battery", "batteries"},
                          {"box", "boxes"},
                          {"watch", "watches"},
                          {"knife", "knives"},
                          {"shelf", "shelves"},
                          {"glove", "gloves"},
                          {"glass", "glasses"},
                          {"bus", "buses"},
                          {"case", "cases"},
                          {"potato", "potatoes"},
                          {"cookie", "cookies"},
                          {"key", "keys"}}) {
    const auto& one = row.first;
    const auto& many = row.second;
    CAPTURE(one);
    CHECK(are_one(one, many));
    CHECK(are_one(many, one));
  }
}

TEST_CASE("what is no plural has no singular, and other scripts are left alone") {
  CHECK(!are_one("glass", "glas"));
  CHECK(!are_one("status", "statu"));
  CHECK(!are_one("tennis", "tenni"));
  for (const char* word : {"ps", "mx500", "靴", "кот", "żaba"}) {
    CAPTURE(word);
    CHECK(number_forms(word) == std::vector<std::string>{word});
  }
  CHECK(number_forms("").size() == 1);
}

TEST_CASE("a word is taken apart beside digits, and where both parts have three characters") {
  CHECK(places_to_split("500gb") == std::vector<std::size_t>{3});
  CHECK(places_to_split("wh1000xm4") == std::vector<std::size_t>{2, 6, 8});
  CHECK(places_to_split("mousepad") == std::vector<std::size_t>{3, 4, 5});
  CHECK(places_to_split("äöüäöü") == std::vector<std::size_t>{6});
  CHECK(places_to_split("short").empty());
  CHECK(places_to_split("").empty());
}

TEST_CASE("slips are counted as people make them") {
  CHECK(slips(U"mouse", U"mouse", 2) == 0);
  CHECK(slips(U"mosue", U"mouse", 2) == 1);  // changed places
  CHECK(slips(U"mous", U"mouse", 2) == 1);
  CHECK(slips(U"moouse", U"mouse", 2) == 1);
  CHECK(slips(U"mouze", U"mouse", 2) == 1);
  CHECK(slips(U"muoze", U"mouse", 2) == 2);
  CHECK(slips(U"keyboard", U"mouse", 2) == 3);  // no further than one more
  CHECK(slips(U"", U"ab", 2) == 2);
  CHECK(slips(std::u32string(200, 'a'), std::u32string(201, 'a'), 2) == 3);
}

// Row by row, without any of the bounds.
std::size_t plain_slips(const std::u32string& a, const std::u32string& b) {
  std::vector<std::vector<std::size_t>> far(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        far[i][j] = i + j;
        continue;
      }
      far[i][j] = std::min(
          {far[i - 1][j] + 1, far[i][j - 1] + 1, far[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        far[i][j] = std::min(far[i][j], far[i - 2][j - 2] + 1);
      }
    }
  }
  return far[a.size()][b.size()];
}

// Words of up to six letters, of three kinds.
class AnyWord {
 public:
  std::u32string operator()() {
    std::u32string word;
    for (unsigned n = next() % 7; n > 0; --n) word += static_cast<char32_t>('a' + next() % 3);
    return word;
  }

 private:
  unsigned next() {
    state_ = state_ * 1'103'515'245 + 12'345;
    return state_ >> 16;
  }

  unsigned state_ = 1;
};

TEST_CASE("slips are those of the whole table, for words of few letters") {
  AnyWord any_word;
  int near = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::u32string a = any_word();
    const std::u32string b = any_word();
    const std::size_t plain = plain_slips(a, b);
    CHECK(slips(a, b, 2) == std::min<std::size_t>(plain, 3));
    near += plain <= 2 ? 1 : 0;
  }
  CHECK(near > 1'000);
}

TEST_CASE("a beginning with a slip is one that the whole table finds") {
  CHECK(has_beginning_with_slip(U"wrie", U"wireless"));
  CHECK(!has_beginning_with_slip(U"wire", U"wireless"));
  CHECK(!has_beginning_with_slip(U"hair", U"wireless"));
  CHECK(!has_beginning_with_slip(std::u32string(200, 'a'), U"a"));
  AnyWord any_word;
  int some = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::u32string typed = any_word();
    const std::u32string word = any_word();
    std::size_t nearest = 100;
    for (std::size_t end = 0; end <= word.size(); ++end) {
      nearest = std::min(nearest, plain_slips(typed, word.substr(0, end)));
    }
    CHECK(has_beginning_with_slip(typed, word) == (nearest == 1));
    some += nearest == 1 ? 1 : 0;
  }
  CHECK(some > 1'000);
}

TEST_CASE("rare words tell more than frequent ones, and none tells less than nothing") {
  CHECK(weight_of(1, 1'000) > weight_of(100, 1'000));
  CHECK(weight_of(1'000, 1'000) > 0);
  CHECK(weight_of(2'000, 1'000) > 0);
  CHECK(weight_of(0, 0) > 0);
}

}  // namespace

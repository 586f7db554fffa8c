#include "questions.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <sstream>
#include <utility>

#include "seed/goods.h"

namespace aforro::bench {
namespace {

// What the questions are made of.
struct Catalogue {
  std::vector<std::string> broad;                // words that one product in a hundred or more has
  std::vector<std::vector<std::string>> titles;  // words of some products' titles
  std::vector<std::string> categories;
  std::int64_t stores = 0;
};

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

Catalogue read_catalogue(sql::Database& database, seed::SeedRandom& random) {
  constexpr std::size_t kTitles = 2'000;
  return database.read_for_long([&](sql::Connection& connection) {
    Catalogue catalogue;
    const std::int64_t products =
        connection.maybe_integer("SELECT products FROM vocabulary WHERE word = ''").value();
    connection.query("SELECT word FROM vocabulary WHERE word <> '' AND products * 100 >= $1 ORDER BY word",
                     {products}, [&](const sql::Row& row) { catalogue.broad.emplace_back(row.text(0)); });
    catalogue.titles.reserve(kTitles);
    for (std::size_t i = 0; i < kTitles; ++i) {
      const auto id = static_cast<std::int64_t>(1 + random.below(static_cast<std::size_t>(products)));
      connection.query("SELECT title_words FROM products WHERE id = $1", {id}, [&](const sql::Row& row) {
        catalogue.titles.push_back(words_of(std::string(row.text(0))));
      });
    }
    connection.query("SELECT name FROM categories ORDER BY id", {},
                     [&](const sql::Row& row) { catalogue.categories.emplace_back(row.text(0)); });
    catalogue.stores = connection.maybe_integer("SELECT count(*) FROM stores").value();
    return catalogue;
  });
}

class Maker {
 public:
  Maker(const Catalogue& catalogue, seed::SeedRandom& random) : catalogue_(catalogue), random_(random) {}

  std::string broad() { return any_of(catalogue_.broad); }
  const std::vector<std::string>& title() { return any_of(catalogue_.titles); }
  // A word of a title with at least so many bytes.
  std::string word(std::size_t least) {
    for (;;) {
      const std::string& word = any_of(title());
      if (word.size() >= least) return word;
    }
  }
  std::string title_words(std::size_t count) {
    std::string text;
    const std::vector<std::string>& words = title();
    for (std::size_t i = 0; i < std::min(count, words.size()); ++i) text += (i == 0 ? "" : " ") + words[i];
    return text;
  }
  std::string letter() { return std::string(1, static_cast<char>('a' + random_.below(26))); }
  // A letter is missing, doubled, another, or two have changed places.
  std::string mistyped() {
    std::string text = word(6);
    const std::size_t at = 1 + random_.below(text.size() - 2);
    switch (random_.below(4)) {
      case 0:
        text.erase(at, 1);
        break;
      case 1:
        text.insert(at, 1, text[at]);
        break;
      case 2:
        text[at] = letter().front();
        break;
      default:
        std::swap(text[at], text[at + 1]);
        break;
    }
    return text;
  }
  std::string category() { return any_of(catalogue_.categories); }
  std::string store() {
    return std::to_string(1 + random_.below(static_cast<std::size_t>(catalogue_.stores)));
  }
  std::string price() { return std::to_string(10 + random_.below(200)); }
  std::string deep_page() { return std::to_string(100 + random_.below(400)); }

 private:
  template <class T>
  const T& any_of(const std::vector<T>& all) {
    return all[random_.below(all.size())];
  }

  const Catalogue& catalogue_;
  seed::SeedRandom& random_;
};

struct Kind {
  const char* name;
  std::function<ParameterList(Maker&)> make;
  bool is_suggestion = false;
};

std::vector<Kind> kinds() {
  const auto text = [](auto q) { return [q](Maker& maker) { return ParameterList{{"q", q(maker)}}; }; };
  const auto broad_by = [](const char* sort) {
    return [sort](Maker& maker) { return ParameterList{{"q", maker.broad()}, {"sort", sort}}; };
  };
  const auto listed_by = [](const char* sort) {
    return [sort](Maker& maker) { return ParameterList{{"category", maker.category()}, {"sort", sort}}; };
  };
  return {
      {"a word of many products", text([](Maker& maker) { return maker.broad(); })},
      {"a word of a title", text([](Maker& maker) { return maker.word(3); })},
      {"one letter", text([](Maker& maker) { return maker.letter(); })},
      {"two words of many products", text([](Maker& maker) { return maker.broad() + ' ' + maker.broad(); })},
      {"three words of a title", text([](Maker& maker) { return maker.title_words(3); })},
      {"a whole title", text([](Maker& maker) { return maker.title_words(20); })},
      {"a beginning", text([](Maker& maker) { return maker.word(5).substr(0, 3); })},
      {"mistyped", text([](Maker& maker) { return maker.mistyped(); })},
      {"mistyped, and a word", text([](Maker& maker) { return maker.mistyped() + ' ' + maker.broad(); })},
      {"words that never meet", text([](Maker& maker) { return maker.word(4) + ' ' + maker.word(4); })},
      {"many, by price", broad_by("price")},
      {"many, dearest first", broad_by("-price")},
      {"many, by title", broad_by("title")},
      {"many, newest first", broad_by("newest")},
      {"many, in a category",
       [](Maker& maker) {
         return ParameterList{{"q", maker.broad()}, {"category", maker.category()}};
       }},
      {"many, between prices",
       [](Maker& maker) {
         return ParameterList{{"q", maker.broad()}, {"min_price", maker.price()}, {"max_price", "250"}};
       }},
      {"many, in stock in a store",
       [](Maker& maker) {
         return ParameterList{{"q", maker.broad()}, {"store_id", maker.store()}, {"in_stock", "true"}};
       }},
      {"a title's, in stock in a store",
       [](Maker& maker) {
         return ParameterList{{"q", maker.word(3)}, {"store_id", maker.store()}, {"in_stock", "true"}};
       }},
      {"many, in a category, by price",
       [](Maker& maker) {
         return ParameterList{{"q", maker.broad()}, {"category", maker.category()}, {"sort", "price"}};
       }},
      {"many, a deep page",
       [](Maker& maker) {
         return ParameterList{{"q", maker.broad()}, {"page", maker.deep_page()}};
       }},
      {"a category, newest first", listed_by("newest")},
      {"a category, by title", listed_by("title")},
      {"in stock, between prices, cheapest",
       [](Maker& maker) {
         return ParameterList{
             {"in_stock", "true"}, {"min_price", maker.price()}, {"max_price", "250"}, {"sort", "price"}};
       }},
      {"suggestion, three letters",
       [](Maker& maker) {
         return ParameterList{{"q", maker.word(5).substr(0, 3)}};
       },
       true},
      {"suggestion, a word",
       [](Maker& maker) {
         return ParameterList{{"q", maker.word(4)}};
       },
       true},
      {"suggestion, mistyped",
       [](Maker& maker) {
         return ParameterList{{"q", maker.mistyped()}};
       },
       true},
  };
}

}  // namespace

std::vector<Question> make_questions(sql::Database& database, std::uint64_t random_seed, std::size_t count) {
  seed::SeedRandom random(random_seed, 0);
  const Catalogue catalogue = read_catalogue(database, random);
  Maker maker(catalogue, random);
  const std::vector<Kind> all = kinds();
  std::vector<Question> questions;
  questions.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Kind& kind = all[i % all.size()];
    questions.push_back(
        {.kind = kind.name, .parameters = kind.make(maker), .is_suggestion = kind.is_suggestion});
  }
  return questions;
}

}  // namespace aforro::bench

// How good the product search is, measured on judged queries: the program's own search beside a plain bm25()
// of FTS5 over the same texts (porter; all words, else any), in one run.
//
//   search_quality --catalogue FILE --queries FILE --grades FILE [--typos FILE] [--verbose]
#include <SQLiteCpp/SQLiteCpp.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "judged.h"
#include "search/product_search.h"
#include "support/local_shop.h"

namespace {

using namespace aforro;         // NOLINT: puts the whole program together
using namespace aforro::bench;  // NOLINT

using Finder = std::function<std::vector<std::string>(const std::string& text)>;

// Ids of the judgements by ids of the shop.
using Ids = std::unordered_map<std::int64_t, std::string>;

Ids fill(test::LocalShop& shop, const std::vector<CatalogueProduct>& products) {
  constexpr std::size_t kBatch = 500;
  for (std::size_t at = 0; at < products.size(); at += kBatch) {
    std::vector<shop::ProductEntry> entries;
    for (std::size_t i = at; i < std::min(products.size(), at + kBatch); ++i) {
      entries.push_back({.sku = {},
                         .title = products[i].title,
                         .description = products[i].description,
                         .price = Money::from_minor(100),
                         .category = products[i].category});
    }
    shop.catalogue.put_products(entries);
  }
  Ids ids;
  for (std::size_t i = 0; i < products.size(); ++i) ids[static_cast<std::int64_t>(i) + 1] = products[i].id;
  return ids;
}

search::SearchResults search_shop(search::ProductSearch& search, const std::string& text) {
  return search.search(search::parse_search({{"q", text}, {"page_size", "100"}}));
}

// The plain reference.
class Bm25 {
 public:
  explicit Bm25(const std::vector<CatalogueProduct>& products)
      : database_(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
    database_.exec(
        "CREATE VIRTUAL TABLE texts USING fts5 (id UNINDEXED, title, description, tokenize = 'porter')");
    SQLite::Transaction transaction(database_);
    SQLite::Statement insert(database_, "INSERT INTO texts VALUES (?, ?, ?)");
    for (const CatalogueProduct& product : products) {
      insert.bind(1, product.id);
      insert.bind(2, product.title);
      insert.bind(3, product.description);
      insert.exec();
      insert.reset();
    }
    transaction.commit();
  }

  std::vector<std::string> find(const std::string& text) {
    std::vector<std::string> found;
    for (const std::string_view between : {" AND ", " OR "}) {
      std::string question;
      for (const std::string& word : words(text)) {
        if (!question.empty()) question += between;
        question += '"' + word + '"';
      }
      if (question.empty()) return found;
      SQLite::Statement select(database_,
                               "SELECT id FROM texts WHERE texts MATCH ? ORDER BY bm25(texts) LIMIT 100");
      select.bind(1, question);
      while (select.executeStep()) found.push_back(select.getColumn(0).getString());
      if (!found.empty()) break;
    }
    return found;
  }

 private:
  SQLite::Database database_;
};

struct Quality {
  double ndcg = 0;
  double judged = 0;
  double recall = 0;
  double nothing = 0;  // share of the queries
  double retention = 0;
  double attested = 0;  // the same of attested typos alone
  double nothing_mistyped = 0;
};

Quality measure(const std::vector<JudgedQuery>& queries, const Finder& find) {
  Quality sum;
  double recalled = 0;
  double clean = 0;  // sums over all that was mistyped
  double mistyped = 0;
  double attested_clean = 0;
  double attested_mistyped = 0;
  double typed = 0;
  for (const JudgedQuery& query : queries) {
    const std::vector<std::string> found = find(query.text);
    const double of_query = ndcg(query, found);
    sum.ndcg += of_query;
    sum.judged += ndcg_of_judged(query, found);
    const Recall recall_of = recall(query, found);
    if (recall_of.counts) {
      sum.recall += recall_of.share;
      ++recalled;
    }
    sum.nothing += found.empty() ? 1 : 0;
    for (const JudgedQuery::Typed& typo : query.mistyped) {
      const std::vector<std::string> found_mistyped = find(typo.text);
      const double of_typo = ndcg(query, found_mistyped);
      clean += of_query;
      mistyped += of_typo;
      if (typo.is_attested) {
        attested_clean += of_query;
        attested_mistyped += of_typo;
      }
      ++typed;
      sum.nothing_mistyped += found_mistyped.empty() ? 1 : 0;
    }
  }
  const auto count = static_cast<double>(queries.size());
  const auto share = [](double part, double whole) { return whole > 0 ? part / whole : 0; };
  return {.ndcg = share(sum.ndcg, count),
          .judged = share(sum.judged, count),
          .recall = share(sum.recall, recalled),
          .nothing = share(sum.nothing, count),
          .retention = share(mistyped, clean),
          .attested = share(attested_mistyped, attested_clean),
          .nothing_mistyped = share(sum.nothing_mistyped, typed)};
}

void print(const std::string& name, const Quality& quality) {
  std::printf("%-28s %8.3f %8.3f %8.3f %8.3f %9.3f %9.3f %8.3f\n", name.c_str(), quality.ndcg, quality.judged,
              quality.recall, quality.nothing, quality.retention, quality.attested, quality.nothing_mistyped);
}

struct Options {
  std::string catalogue;
  std::string queries;
  std::string grades;
  std::string typos;
  bool is_verbose = false;
};

int run(const Options& options) {
  const std::vector<CatalogueProduct> products = read_catalogue(options.catalogue);
  const std::vector<JudgedQuery> queries = read_judged(options.queries, options.grades, options.typos);
  test::LocalShop shop;
  const Ids ids = fill(shop, products);
  const auto search = shop.database.make_search();
  Bm25 bm25(products);
  const Finder plain = [&](const std::string& text) { return bm25.find(text); };

  // The results as they are, or made of some of them, in another order.
  using Part = double search::Score::*;
  const auto finder = [&](search::Matched last, Part without) -> Finder {
    return [&, last, without](const std::string& text) {
      std::vector<search::SearchResult> page = search_shop(*search, text).page;
      if (without != nullptr) {
        std::stable_sort(page.begin(), page.end(), [&](const auto& a, const auto& b) {
          if (a.matched != b.matched) return a.matched < b.matched;
          return a.score.total() - a.score.*without > b.score.total() - b.score.*without;
        });
      }
      std::vector<std::string> found;
      for (const search::SearchResult& result : page) {
        if (result.matched <= last) found.push_back(ids.at(result.product.id.value()));
      }
      return found;
    };
  };
  std::printf("%zu products, %zu queries\n\n%-28s %8s %8s %8s %8s %9s %9s %8s\n", products.size(),
              queries.size(), "", "NDCG@10", "judged", "rec@100", "nothing", "retention", "attested",
              "nothing'");
  print("bm25() of FTS5", measure(queries, plain));
  for (const auto& [name, last] : {std::pair{"all words", search::Matched::all},
                                   {"+ joined and split", search::Matched::joined},
                                   {"+ inside of words", search::Matched::inside},
                                   {"+ spellings", search::Matched::spelling},
                                   {"+ fewer words: the search", search::Matched::fewer}}) {
    print(name, measure(queries, finder(last, nullptr)));
  }
  for (const auto& [name, part] : {std::pair{"without adjacency", &search::Score::adjacency},
                                   {"without coverage", &search::Score::coverage},
                                   {"without the name's end", &search::Score::name},
                                   {"without exact titles", &search::Score::exact}}) {
    print(name, measure(queries, finder(search::Matched::fewer, part)));
  }

  const Finder ours = finder(search::Matched::fewer, nullptr);
  std::vector<JudgedQuery> shuffled = queries;
  std::mt19937 random(1);  // NOLINT: the same halves each time
  double least = 1;
  double sum = 0;
  constexpr int kHalves = 20;
  for (int i = 0; i < kHalves; ++i) {
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    std::vector<JudgedQuery> half(shuffled.begin(),
                                  shuffled.begin() + static_cast<std::ptrdiff_t>(shuffled.size() / 2));
    for (JudgedQuery& query : half) query.mistyped.clear();
    const double gain = measure(half, ours).ndcg - measure(half, plain).ndcg;
    least = std::min(least, gain);
    sum += gain;
  }
  std::printf("\nNDCG@10 above bm25() on %d shuffled halves: %.3f on average, %.3f at least\n", kHalves,
              sum / kHalves, least);

  if (!options.is_verbose) return 0;
  std::printf("\n%-40s %8s %8s %8s  %s\n", "query", "NDCG@10", "bm25", "found", "how");
  const auto tell = [&](const JudgedQuery& query, const std::string& text) {
    const search::SearchResults results = search_shop(*search, text);
    std::printf("%-40s %8.3f %8.3f %8lld  %s%s%s\n", text.c_str(), ndcg(query, ours(text)),
                ndcg(query, plain(text)), static_cast<long long>(results.count),
                results.matched ? std::string(to_string(*results.matched)).c_str() : "",
                results.corrected_query ? ": " : "", results.corrected_query.value_or("").c_str());
  };
  for (const JudgedQuery& query : queries) {
    tell(query, query.text);
    for (const JudgedQuery::Typed& typo : query.mistyped) tell(query, typo.text);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App program("Measures the product search on judged queries.");
  program.add_option("--catalogue", options.catalogue, "products as CSV, may be packed by gzip")->required();
  program.add_option("--queries", options.queries, "tab-separated: query_id, query")->required();
  program.add_option("--grades", options.grades, "tab-separated: query_id, product_id, grade (0 to 3)")
      ->required();
  program.add_option("--typos", options.typos, "tab-separated: query_id, typed_query, kind");
  program.add_flag("--verbose", options.is_verbose, "also each query");
  CLI11_PARSE(program, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "search_quality: %s\n", error.what());
    return 1;
  }
}

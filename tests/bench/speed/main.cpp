// How long searches take in shops of different sizes: the same kinds of searches in each, made of its own
// words, one after the other.
//
//   search_speed [--products 10000,1000000] [--queries 520] [--rounds 3] [--folder build/bench]
//
// A time is what the searching thread has of the processor, so that others who compute at the same time count
// little; of the rounds the shortest counts. The file is in the system's cache after the first round.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../median.h"
#include "base/problem.h"
#include "questions.h"
#include "search/product_search.h"
#include "seed/seed.h"
#include "shop/schema.h"
#include "sql/sqlite.h"

namespace {

using namespace aforro;         // NOLINT: puts the whole program together
using namespace aforro::bench;  // NOLINT

struct Options {
  std::vector<std::int64_t> products{10'000, 1'000'000};
  std::size_t queries = 520;
  int rounds = 3;
  std::uint64_t random_seed = 1;
  std::string folder = "build/bench";
  bool is_verbose = false;
};

double processor_ms() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

std::unique_ptr<sql::Database> open_shop(const Options& options, std::int64_t products) {
  std::filesystem::create_directories(options.folder);
  const auto file = std::filesystem::path(options.folder) / ("search-" + std::to_string(products) + ".db");
  auto database = sql::open_sqlite(file, shop::schema(), {.missing = sql::Missing::create});
  // Each store has a hundredth of the products, as many in the small shop as its products allow.
  const seed::Plan plan{.categories = 12,
                        .products = products,
                        .stores = 24,
                        .rows_per_store = std::max<std::int64_t>(400, products / 100)};
  seed::fill(*database, plan, SystemClock(), [](std::int64_t, std::int64_t) {});
  return database;
}

std::string text_of(const Question& question) {
  std::string text;
  for (const auto& [name, value] : question.parameters) {
    text += (text.empty() ? "" : "&") + name + '=' + value;
  }
  return text;
}

void ask(search::ProductSearch& search, const Question& question) {
  try {
    if (question.is_suggestion) {
      search.suggest(search::parse_suggest(question.parameters));
    } else {
      search.search(search::parse_search(question.parameters));
    }
  } catch (const Problem& problem) {
    // A deep page of few results is not there, which takes as long to find out.
    if (problem.kind() != Problem::Kind::not_found) throw;
  }
}

using Times = std::map<std::string, std::vector<double>>;  // ms, by kind

Times measure(const Options& options, std::int64_t products) {
  const auto database = open_shop(options, products);
  const auto search = search::make_fts5_search(*database);
  const std::vector<Question> questions = make_questions(*database, options.random_seed, options.queries);
  std::vector<double> best(questions.size(), 1e9);
  for (int round = 0; round <= options.rounds; ++round) {
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const double before = processor_ms();
      ask(*search, questions[i]);
      const double took = processor_ms() - before;
      if (round > 0) best[i] = std::min(best[i], took);
    }
  }
  Times times;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    times[questions[i].kind].push_back(best[i]);
    times["all"].push_back(best[i]);
    if (options.is_verbose) {
      std::printf("%lld\t%.3f\t%s\t%s\n", static_cast<long long>(products), best[i],
                  questions[i].kind.c_str(), text_of(questions[i]).c_str());
    }
  }
  return times;
}

// Of fewer than a hundred values the largest.
double percentile_99(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[(values.size() * 99 + 99) / 100 - 1];
}

int run(const Options& options) {
  std::vector<Times> all;
  all.reserve(options.products.size());
  for (const std::int64_t products : options.products) all.push_back(measure(options, products));
  std::printf("%-36s", "ms of processor time");
  for (const std::int64_t products : options.products) {
    std::printf(" %9lld %9s", static_cast<long long>(products), "p99");
  }
  std::printf(" %9s %9s\n", "times", "p99");
  for (const auto& entry : all.front()) {
    std::printf("%-36s", entry.first.c_str());
    for (const Times& times : all) {
      std::printf(" %9.2f %9.2f", median(times.at(entry.first)), percentile_99(times.at(entry.first)));
    }
    const auto& large = all.back().at(entry.first);
    std::printf(" %9.1f %9.1f\n", median(large) / median(entry.second),
                percentile_99(large) / percentile_99(entry.second));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program("how long searches take in shops of different sizes");
  Options options;
  program.add_option("--products", options.products, "sizes of shops")->delimiter(',');
  program.add_option("--queries", options.queries, "searches of all kinds");
  program.add_option("--rounds", options.rounds, "of which the shortest time counts");
  program.add_option("--random-seed", options.random_seed, "for other searches");
  program.add_option("--folder", options.folder, "where the shops are, and are made if they are not");
  program.add_flag("--verbose", options.is_verbose, "each search by itself");
  CLI11_PARSE(program, argc, argv);
  return run(options);
}

// Judged queries: what products people, shown the results of queries, found right for them. Read from files
// of tab-separated values, a catalogue from one of comma-separated ones.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace aforro::bench {

struct CatalogueProduct {
  std::string id;  // of the judgements
  std::string title;
  std::string description;  // with the brand, where there is one
  std::string category;
};

struct JudgedQuery {
  std::string text;
  std::map<std::string, int> grades;  // by product, 0 to 3
  struct Typed {
    std::string text;
    bool is_attested;  // a misspelling that people were seen to make, or made by a program
  };
  std::vector<Typed> mistyped;
};

// The columns product_id, title, description, brand and category_derived are read; a name that ends in .gz is
// unpacked. Throws std::runtime_error, saying why, if a file can't be read.
std::vector<CatalogueProduct> read_catalogue(const std::string& file);
// Queries with a grade above 0. `typos` may be empty.
std::vector<JudgedQuery> read_judged(const std::string& queries, const std::string& grades,
                                     const std::string& typos);

// How good the order of a list of products is, from 0 to 1: gain 2^grade - 1, discounted by the logarithm of
// the rank; the best order of all judged products is 1 (Järvelin and Kekäläinen). `depth` are looked at.
double ndcg(const JudgedQuery& query, const std::vector<std::string>& found, std::size_t depth = 10);
// The same of the list without what was never judged.
double ndcg_of_judged(const JudgedQuery& query, const std::vector<std::string>& found);
// The share of the products graded 2 or more that are among the first 100; nothing counts where there are
// none.
struct Recall {
  double share;
  bool counts;
};
Recall recall(const JudgedQuery& query, const std::vector<std::string>& found);

}  // namespace aforro::bench

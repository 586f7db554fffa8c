// The parameters of a search, as a query string. A search that is accepted is within all bounds and made of
// words alone, whatever was typed; one that is refused says what is wrong, as JSON.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "base/parameters.h"
#include "base/text.h"
#include "fuzz.h"
#include "http/problem_document.h"
#include "search/query.h"

namespace {

using namespace aforro;  // NOLINT: of several parts
using fuzz::require;

void check_query(const search::SearchQuery& query) {
  for (const std::string& word : query.words) require(words(word) == std::vector<std::string>{word});
  require(query.category_keys.size() + query.category_ids.size() <= search::kMaxCategories);
  for (const std::string& key : query.category_keys) require(fold(key) == key);
  require(query.by_category || (query.category_keys.empty() && query.category_ids.empty()));
  for (const auto& price : {query.min_price, query.max_price}) {
    if (price) require(*price >= Money() && *price <= kMaxPrice);
  }
  if (query.min_price && query.max_price) require(*query.min_price <= *query.max_price);
  if (query.store) require(query.store->value() >= 1);
  require(query.page >= 1);
  require(query.page_size >= 1 && query.page_size <= search::kMaxPageSize);
  require(query.sort != search::Sort::relevance || query.text);
  require(query.words.empty() || query.text);
}

void check_refusal(const Problem& problem) {
  require(problem.kind() == Problem::Kind::invalid && !problem.faults().empty());
  for (const Fault& fault : problem.faults().listed()) {
    require(fault.in == Fault::In::query && !fault.detail.empty());
    require(is_valid_utf8(fault.where));
  }
  const auto answer = http::problem_response(problem, "id").body;
  require(answer->size() <= http::kMaxRefusalBytes);
  const auto document = nlohmann::json::parse(*answer);
  require(document["errors"].size() == problem.faults().listed().size());
  require(document["errors"].size() <= Faults::kMaxListed);
}

// The same parameters with what counts for nothing added: the same meaning.
void check_meaning(const ParameterList& given, const search::SearchQuery& query) {
  ParameterList more = given;
  more.emplace_back("_", "1");
  more.emplace_back("utm_source", "x");
  more.emplace_back("gclid", "x");
  more.emplace_back("format", "json");
  for (const char* name : {"q", "min_price", "page", "category", "sort", "facets", "highlight"})
    more.emplace_back(name, "");
  const search::SearchQuery same = search::parse_search(more);
  require(same.text == query.text && same.words == query.words && same.category_keys == query.category_keys);
  require(same.min_price == query.min_price && same.max_price == query.max_price &&
          same.store == query.store);
  require(same.page == query.page && same.page_size == query.page_size);
  require(same.in_stock == query.in_stock && same.sort == query.sort);
  require(same.wants_categories == query.wants_categories && same.wants_prices == query.wants_prices &&
          same.wants_highlights == query.wants_highlights);
}

// What is typed for suggestions is long enough, and its key is what it is folded to.
void check_suggesting(std::string_view text) {
  try {
    const search::SuggestQuery query = search::parse_suggest({{"q", std::string(text)}});
    require(fold(query.key) == query.key);
    require(words(query.key) == query.words);
  } catch (const Problem& problem) {
    check_refusal(problem);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string path;
  ParameterList given;
  check_suggesting(fuzz::text_of(data, size));
  http::parse_target("/?" + std::string(fuzz::text_of(data, size)), path, given);
  try {
    const search::SearchQuery query = search::parse_search(given);
    check_query(query);
    check_meaning(given, query);
    // No name but for `category` has two values.
    std::multiset<std::string> names;
    for (const auto& [name, value] : given) {
      const bool is_tracker = name == "fbclid" || name == "gclid" || name == "msclkid" || name == "format";
      if (!value.empty() && !name.starts_with('_') && !name.starts_with("utm_") && !is_tracker)
        names.insert(name);
    }
    require(std::all_of(names.begin(), names.end(), [&](const std::string& name) {
      return name == "category" || names.count(name) == 1;
    }));
  } catch (const Problem& problem) {
    check_refusal(problem);
  }
  return 0;
}

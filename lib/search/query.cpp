#include "search/query.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/numbers.h"
#include "base/text.h"

namespace aforro::search {
namespace {

struct NamedSort {
  std::string_view name;
  Sort sort;
};

constexpr std::array kSorts{
    NamedSort{"relevance", Sort::relevance},
    NamedSort{"newest", Sort::newest},
    NamedSort{"price", Sort::price},
    NamedSort{"price_asc", Sort::price},
    NamedSort{"-price", Sort::price_descending},
    NamedSort{"price_desc", Sort::price_descending},
    NamedSort{"title", Sort::title},
};

// "relevance, newest, … or title"
std::string sort_names() {
  std::string names;
  for (const NamedSort& sort : kSorts) {
    if (!names.empty()) names += sort.name == kSorts.back().name ? " or " : ", ";
    names += sort.name;
  }
  return names;
}

// The text as it was typed, without the spaces at its ends.
std::string typed_text(std::string_view given) {
  const std::string text = with_spaces_for_controls(given);
  return std::string(trim(text));
}

std::vector<std::string> query_words(std::string_view text) {
  std::vector<std::string> found = words(text);
  if (found.size() > kMaxWords) found.resize(kMaxWords);
  return found;
}

void read_categories(ParameterReader& reader, SearchQuery& query) {
  const std::vector<std::string_view> given = reader.all("category");
  if (given.size() > kMaxCategories) {
    reader.fault("category", "must be given at most 10 times");
    return;
  }
  for (const std::string_view category : given) {
    query.by_category = true;
    const bool is_digits =
        std::all_of(category.begin(), category.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!is_digits) {
      query.category_keys.push_back(fold(category));
    } else if (const auto id = parse_whole_number(category, 1, shop::kMaxId)) {
      query.category_ids.emplace_back(*id);
    }
  }
}

bool read_yes_or_no(ParameterReader& reader, std::string_view name) {
  const auto given = reader.text(name);
  if (!given) return false;
  const std::string value = fold(*given);
  if (value == "true" || value == "1" || value == "yes") return true;
  if (value != "false" && value != "0" && value != "no") {
    reader.fault(name, "must be true, 1, yes, false, 0 or no");
  }
  return false;
}

void read_facets(ParameterReader& reader, SearchQuery& query) {
  const auto given = reader.text("facets");
  if (!given) return;
  for (std::string_view rest = *given;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view name = trim(rest.substr(0, comma));
    if (name == "category") {
      query.wants_categories = true;
    } else if (name == "price") {
      query.wants_prices = true;
    } else {
      reader.fault("facets", "must be category, price or both with a comma between");
      return;
    }
    if (comma == std::string_view::npos) return;
    rest.remove_prefix(comma + 1);
  }
}

void read_sort(ParameterReader& reader, SearchQuery& query) {
  query.sort = query.text ? Sort::relevance : Sort::newest;
  const auto given = reader.text("sort");
  if (!given) return;
  const auto found =
      std::find_if(kSorts.begin(), kSorts.end(), [&](const auto& sort) { return sort.name == *given; });
  if (found == kSorts.end()) {
    reader.fault("sort", "must be " + sort_names());
  } else {
    query.sort = found->sort == Sort::relevance && !query.text ? Sort::newest : found->sort;
  }
}

}  // namespace

SearchQuery parse_search(const ParameterList& parameters) {
  ParameterReader reader(parameters,
                         {"q", "category", "min_price", "max_price", "store_id", "in_stock", "sort", "page",
                          "page_size", "facets", "highlight"},
                         {"category"});
  SearchQuery query;
  if (const auto text = reader.text("q")) {
    query.text = normalize(typed_text(*text));
    query.words = query_words(*query.text);
  }
  read_categories(reader, query);
  query.min_price = reader.price("min_price");
  query.max_price = reader.price("max_price");
  if (query.min_price && query.max_price && *query.min_price > *query.max_price) {
    reader.fault("min_price", "must not be above the maximum price");
  }
  if (const auto store = reader.whole_number("store_id", 1, shop::kMaxId))
    query.store = shop::StoreId(*store);
  query.in_stock = read_yes_or_no(reader, "in_stock");
  read_facets(reader, query);
  query.wants_highlights = read_yes_or_no(reader, "highlight");
  read_sort(reader, query);
  query.page = reader.limit("page", std::numeric_limits<std::int64_t>::max()).value_or(1);
  query.page_size = reader.limit("page_size", kMaxPageSize).value_or(20);
  reader.finish();
  query.page_size = std::min(query.page_size, kMaxPageSize);
  return query;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

SuggestQuery parse_suggest(const ParameterList& parameters) {
  ParameterReader reader(parameters, {"q"});
  const std::string text = typed_text(reader.text("q").value_or(""));
  const std::size_t least =
      is_chinese_japanese_or_korean(text) ? kMinSuggestCharactersOfCjk : kMinSuggestCharacters;
  if (!reader.has_fault("q") && count_typed_characters(text) < least) {
    reader.fault("q", "must have at least 3 characters, or 2 of Chinese, Japanese or Korean");
  }
  reader.finish();
  // No title is that long, and looking for it would take a second.
  if (count_characters(normalize(text)) > shop::kMaxTitleCharacters) return {};
  return {.key = fold(text), .words = words(text)};
}

}  // namespace aforro::search

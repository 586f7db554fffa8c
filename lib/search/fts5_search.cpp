// Product search on SQLite: FTS5 finds the rows, the other tables filter and order them. What is typed never
// becomes FTS5 syntax: the text has been split into folded words of letters and digits, and each is put
// between quotes. The best under relevance is by BM25, with a word in the title weighing most.
//
// The plan is chosen here and not left to SQLite, whose planner does not know how many products a word finds.
// On a shop of a million products it asked the words for each product of a category (76 s, now 13 ms), and
// sorted a category of 83,000 for its 20 newest (355 ms, now 0.3 ms). Three tricks tell it what to do: CROSS
// JOIN fixes the order of tables, INDEXED BY the index, and a plus before a column keeps an index out. Which
// plan is best follows from the count, which is known by then: either the matches are sorted, or products are
// read in the order asked for until the page is full.
#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "base/json_writer.h"
#include "search/candidates.h"
#include "search/index_check.h"
#include "search/query_words.h"

namespace aforro::search {
namespace {

// What else a statement that looks inside of words needs: some forms of each word, the word, and a list of
// its synonyms.
constexpr std::array<sql::Text, 224> kInsideSlots{
    "$17",  "$18",  "$19",  "$20",  "$21",  "$22",  "$23",  "$24",  "$25",  "$26",  "$27",  "$28",  "$29",
    "$30",  "$31",  "$32",  "$33",  "$34",  "$35",  "$36",  "$37",  "$38",  "$39",  "$40",  "$41",  "$42",
    "$43",  "$44",  "$45",  "$46",  "$47",  "$48",  "$49",  "$50",  "$51",  "$52",  "$53",  "$54",  "$55",
    "$56",  "$57",  "$58",  "$59",  "$60",  "$61",  "$62",  "$63",  "$64",  "$65",  "$66",  "$67",  "$68",
    "$69",  "$70",  "$71",  "$72",  "$73",  "$74",  "$75",  "$76",  "$77",  "$78",  "$79",  "$80",  "$81",
    "$82",  "$83",  "$84",  "$85",  "$86",  "$87",  "$88",  "$89",  "$90",  "$91",  "$92",  "$93",  "$94",
    "$95",  "$96",  "$97",  "$98",  "$99",  "$100", "$101", "$102", "$103", "$104", "$105", "$106", "$107",
    "$108", "$109", "$110", "$111", "$112", "$113", "$114", "$115", "$116", "$117", "$118", "$119", "$120",
    "$121", "$122", "$123", "$124", "$125", "$126", "$127", "$128", "$129", "$130", "$131", "$132", "$133",
    "$134", "$135", "$136", "$137", "$138", "$139", "$140", "$141", "$142", "$143", "$144", "$145", "$146",
    "$147", "$148", "$149", "$150", "$151", "$152", "$153", "$154", "$155", "$156", "$157", "$158", "$159",
    "$160", "$161", "$162", "$163", "$164", "$165", "$166", "$167", "$168", "$169", "$170", "$171", "$172",
    "$173", "$174", "$175", "$176", "$177", "$178", "$179", "$180", "$181", "$182", "$183", "$184", "$185",
    "$186", "$187", "$188", "$189", "$190", "$191", "$192", "$193", "$194", "$195", "$196", "$197", "$198",
    "$199", "$200", "$201", "$202", "$203", "$204", "$205", "$206", "$207", "$208", "$209", "$210", "$211",
    "$212", "$213", "$214", "$215", "$216", "$217", "$218", "$219", "$220", "$221", "$222", "$223", "$224",
    "$225", "$226", "$227", "$228", "$229", "$230", "$231", "$232", "$233", "$234", "$235", "$236", "$237",
    "$238", "$239", "$240"};

// Of a product, the beginning of what instr() is given: blanks around each word, and what is in no word
// between the texts, so that no phrase is found across two of them.
constexpr sql::Text kAllWords =
    "' ' || p.title_words || ' / ' || p.category_words || ' / ' || p.description_words || ' / '"
    " || p.sku_words || ' ', ";

// Where the products of a statement come from.
enum class Path {
  shelf,   // those on the shelves of the store
  filter,  // those that the filters leave, by the index that SQLite finds best for them
  sorted,  // all, in the order asked for, passing over those that do not match
};

Path path_of_matches(const SearchQuery& query) {
  return query.in_stock && query.store ? Path::shelf : Path::filter;
}

bool is_in_one_category(const SearchQuery& query) {
  return query.category_ids.size() + query.category_keys.size() == 1;
}

// Either all that matches is read and sorted, or products are read in the order asked for until the page is
// full. One match comes every so many products; how many says the count, which is known by then.
Path path_of_page(sql::Connection& connection, const SearchQuery& query, const SearchResults& found,
                  std::int64_t page_end) {
  if (!found.count_is_exact) return Path::sorted;
  const bool by_filter = query.by_category || query.min_price || query.max_price || query.in_stock;
  if (!by_filter) return Path::sorted;
  // A category has its titles in order, and nothing need be passed over.
  if (query.sort == Sort::title && is_in_one_category(query) && !query.min_price && !query.max_price &&
      !query.in_stock)
    return Path::sorted;
  const std::int64_t products = connection.maybe_integer("SELECT max(id) FROM products").value();
  constexpr std::int64_t kSorting =
      3;  // reading a match and sorting it costs that many times one passed over
  return page_end * products <= found.count * found.count * kSorting ? Path::sorted : path_of_matches(query);
}

sql::Text from(const SearchQuery& query, Path path) {
  switch (path) {
    case Path::shelf:
      return " FROM inventory s CROSS JOIN products p ON p.id = s.product_id";
    case Path::filter:
      return " FROM products p";
    case Path::sorted:
      break;
  }
  // In the order of prices, a category has an index of its own.
  switch (query.sort) {
    case Sort::newest:
      return " FROM products p INDEXED BY products_by_age";
    case Sort::title:
      return is_in_one_category(query)
                 ? sql::Text(" FROM products p INDEXED BY products_by_title_in_category")
                 : sql::Text(" FROM products p INDEXED BY products_by_title");
    default:
      return query.by_category ? sql::Text(" FROM products p")
                               : sql::Text(" FROM products p INDEXED BY products_by_price");
  }
}

sql::Composed where(Path path) {
  return sql::Composed(path == Path::shelf ? sql::Text(" AND s.store_id = $2 AND s.quantity > 0")
                                           : sql::Text());
}

sql::Text order(Sort sort, Path path) {
  // A plus keeps SQLite from reading all products in the order of an index, to find those few on the way.
  if (path == Path::filter && sort == Sort::title) return " ORDER BY +p.title_key, p.id";
  if (path == Path::filter && sort == Sort::newest) return " ORDER BY +p.created_at DESC, p.id DESC";
  return order_by(sort);
}

Plan plan(const SearchQuery& query, Path path) {
  return {.from = from(query, path),
          .where = where(path),
          .order = order(query.sort, path),
          .is_only_stocked = path == Path::shelf};
}

// `"red"`, `"red" *` or `"red shoes"`.
std::string quoted(const Term& term) {
  return '"' + term.text + (term.kind == Term::Kind::beginning ? "\" *" : "\"");
}

// `("red" OR "reds")`
std::string quoted(const AnyOf& any) {
  std::string text;
  for (const Term& term : any) text += (text.empty() ? "(" : " OR ") + quoted(term);
  return text + ')';
}

// Finds the word that the fewest products have, as a word or inside of one: that word drives the search, and
// the others are looked for in its products' texts. No index could give the products of two words together if
// one is only inside of a word: words and inside are different indexes. Nothing if one word is in no product
// at all.
class Rarest {
 public:
  Rarest(sql::Connection& connection, const std::vector<std::string>& words, const AllOf& slots)
      : connection_(connection), words_(words), slots_(slots) {}

  // Beyond these it is not counted, and not looked at where there are several words.
  static constexpr std::int64_t kMany = 1'000;

  // Of several words; of a single one nothing is counted.
  std::optional<std::size_t> find() {
    std::vector<std::size_t> order(words_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (order.size() == 1) return 0;
    // Long words are rare.
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return words_[a].size() > words_[b].size(); });
    std::optional<std::size_t> rarest;
    std::int64_t& fewest = fewest_;
    for (const std::size_t i : order) {
      const std::int64_t products = count(i);
      if (products == 0) return std::nullopt;
      if (!rarest || products < fewest) rarest = i;
      fewest = std::min(fewest, products);
      if (fewest <= kFew) break;
    }
    return rarest;
  }

  // How many products have the rarest word, as a word or inside of one; kMany or more: not known.
  std::int64_t fewest() const { return fewest_; }

 private:
  static constexpr std::int64_t kFew = 50;  // fewer is not worth the looking

  std::int64_t fewest_ = kMany;

  std::int64_t count(std::size_t i) {
    const std::string& word = words_[i];
    const std::string as_word = quoted(slots_[i]);
    std::int64_t products = count(
        "SELECT count(*) FROM (SELECT 1 FROM product_words WHERE product_words MATCH $1"
        " LIMIT $2)",
        as_word);
    if (is_for_trigrams(word)) {
      products +=
          count("SELECT count(*) FROM (SELECT 1 FROM title_trigrams WHERE title_key GLOB $1 LIMIT $2)",
                '*' + word + '*');
    } else if (may_be_inside(word)) {
      products +=
          count("SELECT count(*) FROM (SELECT 1 FROM paired_titles WHERE paired_titles MATCH $1 LIMIT $2)",
                '"' + word + '"');
    }
    return products;
  }
  std::int64_t count(sql::Text text, const std::string& asked) {
    return connection_.maybe_integer(text, {asked, kMany}).value();
  }

  sql::Connection& connection_;
  const std::vector<std::string>& words_;
  const AllOf& slots_;
};

// Adds to a statement whether the texts of the product have one of these words; false: it has no room for
// more.
bool add_test(sql::Composed& where, std::vector<std::string>& others, const AnyOf& any) {
  bool is_first = true;
  std::string synonyms;
  for (const Term& term : any) {
    if (term.is_synonym) {
      append_json_string(synonyms += synonyms.empty() ? '[' : ',', ' ' + term.text + ' ');
      continue;
    }
    if (others.size() == kInsideSlots.size()) return false;
    // Blanks around the word make instr() find whole words; the last word may also be a beginning.
    where += is_first ? sql::Text("instr(") : sql::Text(" OR instr(");
    where += kAllWords;
    where += kInsideSlots[others.size()];
    where += ") > 0";
    others.push_back(' ' + term.text + (term.kind == Term::Kind::beginning ? "" : " "));
    is_first = false;
  }
  if (synonyms.empty()) return true;
  if (others.size() == kInsideSlots.size()) return false;
  where += " OR EXISTS (SELECT 1 FROM json_each(";
  where += kInsideSlots[others.size()];
  where += ") s WHERE instr(";
  where += kAllWords;
  where += "s.value) > 0)";
  others.push_back(synonyms + ']');
  return true;
}

// The first products in an order; how many, says $17. They come in the order of the subquery: to ask for it
// once more would sort them again.
sql::Text first_in_order(Sort sort) {
  switch (sort) {
    case Sort::price:
      return " FROM (SELECT id FROM products INDEXED BY products_by_price ORDER BY price_minor, id"
             " LIMIT CAST($17 AS INTEGER)) n CROSS JOIN products p ON p.id = n.id";
    case Sort::price_descending:
      return " FROM (SELECT id FROM products INDEXED BY products_by_price ORDER BY price_minor DESC, id"
             " LIMIT CAST($17 AS INTEGER)) n CROSS JOIN products p ON p.id = n.id";
    case Sort::title:
      return " FROM (SELECT id FROM products INDEXED BY products_by_title ORDER BY title_key, id"
             " LIMIT CAST($17 AS INTEGER)) n CROSS JOIN products p ON p.id = n.id";
    case Sort::relevance:
    case Sort::newest:
      break;
  }
  return " FROM (SELECT id FROM products INDEXED BY products_by_age ORDER BY created_at DESC, id DESC"
         " LIMIT CAST($17 AS INTEGER)) n CROSS JOIN products p ON p.id = n.id";
}

class Fts5Candidates final : public Candidates {
 public:
  void begin(sql::Connection& /*connection*/) const override {}

  // `{title_words} : ((("red" OR "reds") AND ("shoes" * OR "shoe")) OR ("redshoes" *))`
  std::string question(const Expression& expression, Field field) const override {
    std::string ways;
    for (const AllOf& all : expression.any) {
      std::string way;
      for (const AnyOf& any : all) way += (way.empty() ? "" : " AND ") + quoted(any);
      ways += (ways.empty() ? "(" : " OR (") + way + ')';
    }
    return field == Field::title ? "{title_words} : (" + ways + ')' : ways;
  }

  std::string pair(const std::string& key) const override { return '"' + key + '"'; }

  // GLOB on a trigram table is answered by its index; what has a meaning in a pattern is put in brackets.
  std::string inside(const std::string& key) const override {
    std::string pattern = "*";
    for (const char c : key) {
      if (c == '*' || c == '?' || c == '[') {
        pattern += {'[', c, ']'};
      } else {
        pattern += c;
      }
    }
    return pattern + '*';
  }

  sql::Text count_by_words() const override {
    return "SELECT count(*) FROM (SELECT 1 FROM product_words WHERE product_words MATCH $1 LIMIT $5)";
  }

  sql::Text ids_by_words() const override {
    return "SELECT rowid FROM product_words WHERE product_words MATCH $1 ORDER BY rowid DESC LIMIT $5";
  }

  // CROSS JOIN keeps SQLite from turning the two around: asking the words for one product at a time costs
  // more than all that they find.
  Plan plan_words(Sort sort) const override {
    return {.from = " FROM product_words w CROSS JOIN products p ON p.id = w.rowid",
            .where = sql::Composed(" AND w.product_words MATCH $1"),
            .order = sort == Sort::relevance ? sql::Text(" ORDER BY w.rowid DESC") : order_by(sort)};
  }

  Plan plan_ids(Sort sort) const override {
    return {.from = " FROM json_each($17) l CROSS JOIN products p ON p.id = l.value",
            .order = order_by(sort)};
  }

  std::string id_list(std::span<const std::int64_t> ids) const override {
    std::string list = "[";
    for (const std::int64_t id : ids) list += (list.size() == 1 ? "" : ",") + std::to_string(id);
    return list + ']';
  }

  Plan plan_count(const SearchQuery& query) const override { return plan(query, path_of_matches(query)); }

  Plan plan_page(sql::Connection& connection, const SearchQuery& query, const SearchResults& found,
                 std::int64_t page_end) const override {
    return plan(query, path_of_page(connection, query, found, page_end));
  }

  // In the order of the subquery, which is read no further than it takes. To ask for that order would sort
  // all of them once more.
  Plan plan_newest() const override {
    return {.from =
                " FROM (SELECT id FROM products ORDER BY created_at DESC, id DESC LIMIT 100000) n"
                " CROSS JOIN products p ON p.id = n.id",
            .order = {}};
  }

  std::optional<OrderedPlan> plan_ordered(const AllOf& all, Sort sort, std::int64_t reach,
                                          Picked picked) const override {
    OrderedPlan found{.plan = {.from = first_in_order(sort), .order = {}},
                      .question = question({{all}}, Field::any),
                      .others = {std::to_string(reach)}};
    if (picked == Picked::by_index) {
      // A plus keeps SQLite from beginning with the matches.
      found.plan.where += " AND +n.id IN (SELECT rowid FROM product_words WHERE product_words MATCH $1)";
      return found;
    }
    for (const AnyOf& any : all) {
      found.plan.where += " AND (";
      if (!add_test(found.plan.where, found.others, any)) return std::nullopt;
      found.plan.where += ")";
    }
    return found;
  }

  std::optional<InsidePlan> plan_inside(sql::Connection& connection, const std::vector<std::string>& words,
                                        const AllOf& slots) const override {
    if (std::none_of(words.begin(), words.end(), may_be_inside)) return std::nullopt;
    Rarest rarest_word(connection, words, slots);
    const auto rarest = rarest_word.find();
    if (!rarest) return std::nullopt;
    // A single word costs nothing but itself. Of several the others are looked for in each product's texts.
    const bool is_single = words.size() == 1;
    const std::string& driver = words[*rarest];
    InsidePlan found{.plan = {.from = from_inside(driver), .order = " ORDER BY p.id DESC"},
                     .question = quoted(slots[*rarest]),
                     .others = {is_for_trigrams(driver) ? inside(driver) : pair(driver)},
                     .reach = is_single ? kMaxResults + 1 : Rarest::kMany,
                     .is_all = is_single || rarest_word.fewest() < Rarest::kMany};
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i == *rarest) continue;
      sql::Composed& where = found.plan.where;
      where += " AND (";
      if (!add_test(where, found.others, slots[i])) return std::nullopt;
      if (found.others.size() == kInsideSlots.size()) return std::nullopt;
      if (may_be_inside(words[i])) {
        where += " OR instr(p.title_key, ";
        where += kInsideSlots[found.others.size()];
        where += ") > 0";
        found.others.push_back(words[i]);
      }
      where += ")";
    }
    return found;
  }

  sql::Text titles_by_phrase() const override {
    return "SELECT p.title FROM (SELECT rowid AS id FROM product_words WHERE product_words MATCH $1"
           " ORDER BY rowid DESC LIMIT 1000) w CROSS JOIN products p ON p.id = w.id"
           " WHERE NOT (p.title_key >= $2 AND p.title_key < $3) AND ($5 = '' OR instr(p.title_key, $5) > 0)"
           " GROUP BY p.title_key, p.title ORDER BY p.title_key, p.title LIMIT $4";
  }

  sql::Text titles_by_inside() const override {
    return "SELECT p.title FROM (SELECT rowid AS id FROM title_trigrams WHERE title_key GLOB $1"
           " ORDER BY rowid DESC LIMIT 1000) t CROSS JOIN products p ON p.id = t.id"
           " GROUP BY p.title_key, p.title"
           " ORDER BY instr(' ' || p.title_words, $3) = 0, p.title_key, p.title LIMIT $2";
  }

  sql::Text titles_by_pair() const override {
    return "SELECT p.title FROM (SELECT rowid AS id FROM paired_titles WHERE paired_titles MATCH $1"
           " ORDER BY rowid DESC LIMIT 1000) t CROSS JOIN products p ON p.id = t.id"
           " GROUP BY p.title_key, p.title"
           " ORDER BY instr(' ' || p.title_words, $3) = 0, p.title_key, p.title LIMIT $2";
  }

  void check_index(sql::Connection& connection, TellFault tell) const override {
    check_fts5_index(connection, tell);
  }

 private:
  // The newest of those that have it as a word, and of those that have it inside of one.
  static sql::Text from_inside(const std::string& driver) {
    if (is_for_trigrams(driver)) {
      return " FROM (SELECT id FROM (SELECT rowid AS id FROM product_words WHERE product_words MATCH $1"
             " ORDER BY rowid DESC LIMIT $6)"
             " UNION SELECT id FROM (SELECT rowid AS id FROM title_trigrams WHERE title_key GLOB $17"
             " ORDER BY rowid DESC LIMIT $6)) f CROSS JOIN products p ON p.id = f.id";
    }
    if (may_be_inside(driver)) {
      return " FROM (SELECT id FROM (SELECT rowid AS id FROM product_words WHERE product_words MATCH $1"
             " ORDER BY rowid DESC LIMIT $6)"
             " UNION SELECT id FROM (SELECT rowid AS id FROM paired_titles WHERE paired_titles MATCH $17"
             " ORDER BY rowid DESC LIMIT $6)) f CROSS JOIN products p ON p.id = f.id";
    }
    return " FROM (SELECT rowid AS id FROM product_words WHERE product_words MATCH $1"
           " ORDER BY rowid DESC LIMIT $6) f CROSS JOIN products p ON p.id = f.id";
  }
};

}  // namespace

std::unique_ptr<ProductSearch> make_fts5_search(sql::Database& database) {
  return std::make_unique<ProductSearch>(database, std::make_unique<Fts5Candidates>());
}

}  // namespace aforro::search

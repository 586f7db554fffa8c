// FTS5's own check of an index over another table's columns is an INSERT: it would wait for the writer, and
// hold the writer up. So the index is read instead, through the vocabulary tables of FTS5 (made in the schema
// `temp`, which is memory of this connection): every term in every place of every product. The hashes of
// these, and of the count of terms that ranking goes by, are summed up by product, and compared with sums
// made from the products' columns. The index by beginnings is a structure apart and is asked the way a search
// asks it.
#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mixing.h"
#include "base/shortage.h"
#include "search/index_check.h"
#include "sql/pages.h"

namespace aforro::search {
namespace {

constexpr std::int64_t kProductsOfPage = 200;
constexpr std::size_t kLongestPrefix = 3;  // of those that schema.sql has an index for
constexpr std::array<std::string_view, 4> kWordColumns{"title_words", "category_words", "description_words",
                                                       "sku_words"};

// Bytes of the character that begins there.
std::size_t character_bytes(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return end - at;
}

// The terms of a text by FTS5's tokenizer "ascii".
std::vector<std::string> terms_of(std::string_view text) {
  std::vector<std::string> terms;
  bool is_inside = false;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool is_of_term =
        static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_of_term && !is_inside) terms.emplace_back();
    if (is_of_term) terms.back() += c;
    is_inside = is_of_term;
  }
  return terms;
}

// The terms of a text by FTS5's tokenizer "trigram".
std::vector<std::string_view> trigrams_of(std::string_view text) {
  std::vector<std::string_view> trigrams;
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < text.size(); at += character_bytes(text, at)) starts.push_back(at);
  starts.push_back(text.size());
  for (std::size_t i = 0; i + 3 < starts.size(); ++i) {
    trigrams.push_back(text.substr(starts[i], starts[i + 3] - starts[i]));
  }
  return trigrams;
}

// https://sqlite.org/fileformat.html#varint
void append_varint(std::string& hex, std::uint64_t number) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::vector<std::uint64_t> groups;
  do {
    groups.push_back(number & 0x7F);
    number >>= 7;
  } while (number != 0);
  while (!groups.empty()) {
    const std::uint64_t byte = groups.back() | (groups.size() > 1 ? 0x80 : 0);
    groups.pop_back();
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
}

constexpr std::size_t kMaxStrays = 100;  // that are named

constexpr std::uint64_t kEntry = 1;
constexpr std::uint64_t kSizes = 2;
constexpr std::uint64_t kProduct = 3;

std::uint64_t hash_of_term(std::string_view term) { return Mixing(kEntry).add(term).value(); }
std::uint64_t hash_of_entry(std::uint64_t term, std::string_view column, std::int64_t place) {
  return Mixing(term).add(column).add(place).value();
}
std::uint64_t hash_of_sizes(std::string_view hex) { return Mixing(kSizes).add(hex).value(); }

// One index: what it should say of each product, and what it says.
class IndexCheck {
 public:
  explicit IndexCheck(std::string_view name) : name_(name) {}

  // Products come in the order of their ids; `sizes` are the terms of each column.
  void expect(std::int64_t product, std::uint64_t entries, const std::vector<std::size_t>& sizes) {
    std::string hex;
    for (const std::size_t size : sizes) append_varint(hex, size);
    products_.push_back(product);
    sums_.push_back({.expected = entries + hash_of_sizes(hex), .found = 0});
    total_.resize(sizes.size());
    for (std::size_t i = 0; i < sizes.size(); ++i) total_[i] += sizes[i];
  }

  void find(std::int64_t product, std::uint64_t hash) {
    // Ids are given one after the other, so most products stand at their distance from the first.
    const auto guess = static_cast<std::uint64_t>(product) -
                       static_cast<std::uint64_t>(products_.empty() ? 0 : products_.front());
    if (guess < products_.size() && products_[guess] == product) {
      sums_[guess].found += hash;
      return;
    }
    const auto place = std::lower_bound(products_.begin(), products_.end(), product);
    if (place != products_.end() && *place == product) {
      sums_[static_cast<std::size_t>(place - products_.begin())].found += hash;
    } else if (strays_.size() < kMaxStrays) {
      strays_.insert(product);
    }
  }

  void find_sizes(std::int64_t product, std::string_view hex) { find(product, hash_of_sizes(hex)); }

  // `totals` is what ranking goes by: products, and terms in each column. True if nothing is wrong.
  bool say(std::string_view totals, TellFault tell) const {
    bool is_right = true;
    const auto fault = [&](const std::string& what) {
      tell(std::string(name_) + ": " + what);
      is_right = false;
    };
    for (std::size_t i = 0; i < products_.size(); ++i) {
      if (sums_[i].expected == sums_[i].found) continue;
      fault("product " + std::to_string(products_[i]) +
            (sums_[i].found == 0 ? " is not in it" : " is in it with other words than it has"));
    }
    for (const std::int64_t product : strays_) {
      fault("has product " + std::to_string(product) + ", which is not there");
    }
    if (!is_right) return false;
    std::string expected;
    append_varint(expected, products_.size());
    for (const std::size_t terms : total_) append_varint(expected, terms);
    if (!products_.empty() && totals != expected) fault("its totals are not those of the products");
    return is_right;
  }

 private:
  struct Sums {
    std::uint64_t expected;
    std::uint64_t found;
  };

  const std::string_view name_;
  std::vector<std::int64_t> products_;
  std::vector<Sums> sums_;
  std::vector<std::size_t> total_;
  std::set<std::int64_t> strays_;
};

class Fts5Check {
 public:
  Fts5Check(sql::Connection& connection, TellFault tell) : connection_(connection), tell_(tell) {}

  void check() {
    read_products();
    // If this is left by an exception the transaction ends and takes the tables with it.
    connection_.script(
        "PRAGMA query_only = OFF;"
        "CREATE VIRTUAL TABLE temp.verified_words USING fts5vocab(main, product_words, instance);"
        "CREATE VIRTUAL TABLE temp.verified_trigrams USING fts5vocab(main, title_trigrams, instance);"
        "CREATE VIRTUAL TABLE temp.verified_pairs USING fts5vocab(main, paired_titles, instance);"
        "PRAGMA query_only = ON;");
    read_words();
    read_trigrams();
    read_pairs();
    connection_.script(
        "PRAGMA query_only = OFF;"
        "DROP TABLE temp.verified_words;"
        "DROP TABLE temp.verified_trigrams;"
        "DROP TABLE temp.verified_pairs;"
        "PRAGMA query_only = ON;");
    const bool are_words_right =
        words_.say(totals("SELECT hex(block) FROM product_words_data WHERE id = 1"), tell_);
    trigrams_.say(totals("SELECT hex(block) FROM title_trigrams_data WHERE id = 1"), tell_);
    pairs_.say(totals("SELECT hex(block) FROM paired_titles_data WHERE id = 1"), tell_);
    if (are_words_right) check_beginnings();
  }

 private:
  void read_products() {
    sql::query_by_pages(
        connection_,
        "SELECT id, title_words, category_words, description_words, sku_words, title_key, title_pairs"
        " FROM products WHERE id > $1 ORDER BY id LIMIT $2",
        kProductsOfPage,
        [&](const sql::Row& row) {
          expect_words(row);
          expect_distinct(trigrams_, row.integer(0), trigrams_of(row.text(5)));
          if (!row.text(6).empty()) expect_distinct(pairs_, row.integer(0), terms_of(row.text(6)));
        },
        [](std::int64_t) {});
  }

  void expect_words(const sql::Row& row) {
    const std::int64_t product = row.integer(0);
    std::uint64_t entries = 0;
    std::vector<std::size_t> sizes;
    std::vector<std::string> beginnings;
    for (std::size_t column = 0; column < kWordColumns.size(); ++column) {
      const std::vector<std::string> terms = terms_of(row.text(static_cast<int>(column) + 1));
      for (std::size_t place = 0; place < terms.size(); ++place) {
        entries +=
            hash_of_entry(hash_of_term(terms[place]), kWordColumns[column], static_cast<std::int64_t>(place));
        add_beginnings(beginnings, terms[place]);
      }
      sizes.push_back(terms.size());
    }
    words_.expect(product, entries, sizes);
    std::sort(beginnings.begin(), beginnings.end());
    beginnings.erase(std::unique(beginnings.begin(), beginnings.end()), beginnings.end());
    for (const std::string& beginning : beginnings) beginnings_[beginning] += hash_of_product(product);
  }

  // Expects a product of an index that says of each term only which products have it.
  template <class Term>
  static void expect_distinct(IndexCheck& index, std::int64_t product, std::vector<Term> terms) {
    const std::size_t size = terms.size();
    std::sort(terms.begin(), terms.end());
    terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
    std::uint64_t entries = 0;
    for (const Term& term : terms) entries += hash_of_term(term);
    index.expect(product, entries, {size});
  }

  // Every row has one, but FTS5 goes on without where it finds no memory for it.
  static std::string_view term_of(const sql::Row& row) {
    if (row.is_null(0)) throw Shortage(kOutOfMemory);
    return row.text(0);
  }

  void read_words() {
    std::string term;
    std::uint64_t hash = hash_of_term(term);
    connection_.query("SELECT term, doc, col, offset FROM temp.verified_words", {}, [&](const sql::Row& row) {
      const std::string_view next = term_of(row);
      if (next != term) {
        term = next;
        hash = hash_of_term(term);
        std::vector<std::string> beginnings;
        add_beginnings(beginnings, term);
        for (std::string& beginning : beginnings) beginnings_.try_emplace(std::move(beginning), 0);
      }
      words_.find(row.integer(1), hash_of_entry(hash, row.text(2), row.integer(3)));
    });
    connection_.query("SELECT id, hex(sz) FROM product_words_docsize", {},
                      [&](const sql::Row& row) { words_.find_sizes(row.integer(0), row.text(1)); });
  }

  void read_trigrams() {
    connection_.query("SELECT term, doc FROM temp.verified_trigrams", {}, [&](const sql::Row& row) {
      trigrams_.find(row.integer(1), hash_of_term(term_of(row)));
    });
    connection_.query("SELECT id, hex(sz) FROM title_trigrams_docsize", {},
                      [&](const sql::Row& row) { trigrams_.find_sizes(row.integer(0), row.text(1)); });
  }

  void read_pairs() {
    connection_.query("SELECT term, doc FROM temp.verified_pairs", {},
                      [&](const sql::Row& row) { pairs_.find(row.integer(1), hash_of_term(term_of(row))); });
    connection_.query("SELECT id, hex(sz) FROM paired_titles_docsize", {},
                      [&](const sql::Row& row) { pairs_.find_sizes(row.integer(0), row.text(1)); });
  }

  std::string totals(sql::Text text) {
    std::string hex;
    connection_.query(text, {}, [&](const sql::Row& row) { hex = row.text(0); });
    return hex;
  }

  void check_beginnings() {
    for (const auto& [beginning, expected] : beginnings_) {
      std::uint64_t found = 0;
      connection_.query("SELECT rowid FROM product_words WHERE product_words MATCH $1",
                        {'"' + beginning + "\" *"},
                        [&](const sql::Row& row) { found += hash_of_product(row.integer(0)); });
      if (found == expected) continue;
      tell_("product_words: its index of beginnings finds other products by " + beginning +
            " than those with such a word");
    }
  }

  static void add_beginnings(std::vector<std::string>& to, std::string_view term) {
    std::size_t end = 0;
    for (std::size_t count = 0; count < kLongestPrefix && end < term.size(); ++count) {
      end += character_bytes(term, end);
      to.emplace_back(term.substr(0, end));
    }
  }

  static std::uint64_t hash_of_product(std::int64_t product) { return Mixing(kProduct).add(product).value(); }

  sql::Connection& connection_;
  TellFault tell_;
  IndexCheck words_{"product_words"};
  IndexCheck trigrams_{"title_trigrams"};
  IndexCheck pairs_{"paired_titles"};
  std::unordered_map<std::string, std::uint64_t> beginnings_;  // the products with such words
};

}  // namespace

void check_fts5_index(sql::Connection& connection, TellFault tell) { Fts5Check(connection, tell).check(); }

}  // namespace aforro::search

// Folded texts are columns beside the texts they were made of, as SQL can't fold (docs/search.md). So nothing
// in the database keeps the two together, and a product whose key has gone wrong is simply not found any
// more. Here each is made once more and compared.
#include "base/text.h"
#include "shop/vocabulary.h"
#include "sql/pages.h"
#include "verify/inspection.h"

namespace aforro::verify {
namespace {

constexpr std::int64_t kProductsOfPage = 200;  // whose descriptions may have 10,000 characters each

// Reports a row whose folded text does not follow from its text.
class TextCheck {
 public:
  TextCheck(Findings& findings, std::string row) : findings_(findings), row_(std::move(row)) {}

  // `made` folds what is in `source`.
  void follows(std::string_view column, std::string_view kept, std::string_view source,
               FunctionRef<std::string(std::string_view)> made) {
    if (!is_valid_utf8(source)) {
      findings_.fault(Check::text, row_ + ": what " + std::string(column) + " is made of is no valid UTF-8");
    } else if (kept != made(source)) {
      findings_.fault(Check::text, row_ + ": its " + std::string(column) + " is not that of its text");
    }
  }

 private:
  Findings& findings_;
  const std::string row_;
};

struct Named {  // a table of rows with a name, and the name folded
  std::string_view one;
  sql::Text read;  // id, name, key after $1, at most $2
};

template <class Visit>
std::int64_t verify_named(const Inspection& inspection, const Named& table, Visit visit) {
  std::int64_t count = 0;
  const auto verify_one = [&](const sql::Row& row) {
    const std::int64_t id = row.integer(0);
    TextCheck(inspection.findings, std::string(table.one) + ' ' + std::to_string(id))
        .follows("folded name", row.text(2), row.text(1), &fold);
    visit(id, row.text(1));
    ++count;
  };
  sql::query_by_pages(inspection.connection, table.read, kRowsOfPage, verify_one, inspection.looked_at);
  return count;
}

class Products {
 public:
  explicit Products(const Inspection& inspection) : inspection_(inspection) {}

  void add_category(std::int64_t id, std::string_view name) {
    words_of_category_.emplace(id, is_valid_utf8(name) ? join_words(name) : std::string());
  }

  void verify(std::unordered_set<std::int64_t>& known) {
    sql::query_by_pages(
        inspection_.connection,
        "SELECT id, title, title_key, title_words, description, description_words, category_id,"
        " category_words, sku, sku_words, title_pairs FROM products WHERE id > $1 ORDER BY id LIMIT $2",
        kProductsOfPage,
        [&](const sql::Row& row) {
          known.insert(row.integer(0));
          verify(row);
          vocabulary_.add(row.text(3), row.text(7), row.text(5));
        },
        inspection_.looked_at);
    check_vocabulary(inspection_, vocabulary_);
  }

 private:
  void verify(const sql::Row& row) {
    const std::string name = "product " + std::to_string(row.integer(0));
    TextCheck check(inspection_.findings, name);
    check.follows("title_key", row.text(2), row.text(1), &fold);
    check.follows("title_words", row.text(3), row.text(1), &join_words);
    check.follows("description_words", row.text(5), row.text(4), &join_words);
    check.follows("sku_words", row.text(9), row.is_null(8) ? std::string_view() : row.text(8), &join_words);
    check.follows("title_pairs", row.text(10), row.text(1), &join_pairs);
    const std::int64_t category = row.integer(6);
    const auto words = words_of_category_.find(category);
    if (words == words_of_category_.end()) {
      inspection_.findings.fault(
          Check::reference, name + " is of category " + std::to_string(category) + ", which is not there");
    } else if (words->second != row.text(7)) {
      inspection_.findings.fault(Check::text, name + ": its category_words are not those of its category");
    }
  }

  const Inspection& inspection_;
  std::unordered_map<std::int64_t, std::string> words_of_category_;
  shop::VocabularyChanges vocabulary_;
};

}  // namespace

Known check_catalogue(const Inspection& inspection) {
  Known known;
  Products products(inspection);
  const std::int64_t categories = verify_named(
      inspection,
      {"category", "SELECT id, name, name_key FROM categories WHERE id > $1 ORDER BY id LIMIT $2"},
      [&](std::int64_t id, std::string_view name) { products.add_category(id, name); });
  inspection.findings.counted("categories", categories);
  products.verify(known.products);
  inspection.findings.counted("products", static_cast<std::int64_t>(known.products.size()));
  const std::int64_t stores = verify_named(
      inspection, {"store", "SELECT id, name, name_key FROM stores WHERE id > $1 ORDER BY id LIMIT $2"},
      [&](std::int64_t id, std::string_view) { known.stores.insert(id); });
  inspection.findings.counted("stores", stores);
  const std::int64_t users = verify_named(
      inspection, {"user", "SELECT id, username, username_key FROM users WHERE id > $1 ORDER BY id LIMIT $2"},
      [](std::int64_t, std::string_view) {});
  inspection.findings.counted("users", users);
  return known;
}

}  // namespace aforro::verify

// A search finds a synonym by its folded words alone, so one whose words have gone wrong is there and does
// nothing. Here they are made once more, as check_catalogue.cpp does it for products.
#include <string>
#include <string_view>

#include "base/text.h"
#include "verify/inspection.h"

namespace aforro::verify {
namespace {

void verify_words(const Inspection& inspection, const std::string& name, std::string_view column,
                  std::string_view kept, std::string_view source) {
  if (!is_valid_utf8(source)) {
    inspection.findings.fault(Check::text,
                              name + ": what its " + std::string(column) + " is made of is no valid UTF-8");
  } else if (kept.empty() || kept != join_words(source)) {
    inspection.findings.fault(Check::text,
                              name + ": its " + std::string(column) + " is not that of its text");
  }
}

}  // namespace

void check_synonyms(const Inspection& inspection) {
  std::string after_term;
  std::string after_also;
  std::int64_t rows = 0;
  do {
    rows = 0;
    inspection.connection.query(
        "SELECT term_words, also_words, term, also FROM synonyms WHERE (term_words, also_words) > ($1, $2)"
        " ORDER BY term_words, also_words LIMIT $3",
        {after_term, after_also, kRowsOfPage}, [&](const sql::Row& row) {
          ++rows;
          const std::string name = "synonym " + for_terminal(row.text(2)) + ", " + for_terminal(row.text(3));
          verify_words(inspection, name, "term_words", row.text(0), row.text(2));
          verify_words(inspection, name, "also_words", row.text(1), row.text(3));
          after_term = row.text(0);
          after_also = row.text(1);
        });
  } while (rows == kRowsOfPage);
}

}  // namespace aforro::verify

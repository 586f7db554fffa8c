// The filters of a search as SQL, alike on both engines. Values; used inside one snapshot.
//
// Parameters of every statement of a search; which ones a text uses depends on what was asked.
//   $1 the question to the index   $2 store   $3 min price   $4 max price   $5 limit   $6 offset, or
//   InsidePlan::reach $7 … $16 categories' ids   $17, $18, … what else the statement needs
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "search/query.h"
#include "sql/connection.h"

namespace aforro::search {

class Filters {
 public:
  Filters() = default;  // none
  // Looks up the categories' names.
  Filters(sql::Connection& connection, const SearchQuery& query);

  // True if some products may not pass.
  bool are_any() const { return by_category_ || min_price_ || max_price_ || in_stock_; }

  // " AND …" of a statement that reads products `p`. `is_only_stocked`: what it reads is in stock already
  // where that was asked for.
  void add_to(sql::Composed& text, bool is_only_stocked = false) const;

  // The parameters of the statement. The texts must live until it has run.
  std::vector<sql::Param> params(std::string_view question, std::int64_t limit, std::int64_t offset = 0,
                                 std::span<const std::string> more = {}) const;

  // Without one kind of filter, as a facet is counted.
  Filters without_category() const;
  Filters without_price() const;

  const std::optional<std::int64_t>& store() const { return store_; }

 private:
  std::vector<std::int64_t> categories_;
  bool by_category_ = false;
  std::optional<std::int64_t> min_price_;
  std::optional<std::int64_t> max_price_;
  std::optional<std::int64_t> store_;
  bool in_stock_ = false;
};

}  // namespace aforro::search

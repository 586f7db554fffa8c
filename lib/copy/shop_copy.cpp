// One transaction of any length, though a write is to take 20 ms: nobody orders in an empty shop, and a shop
// that was copied halfway would look like a whole one. To go on where a copy broke off would need one that is
// half there.
//
// Rows are read by key, a page at a time, in one snapshot of the source, and hashed on their way; afterwards
// the target is read in the same order. Texts are compared bytewise on both engines, so the order is the
// same.
#include "copy/shop_copy.h"

#include <numeric>
#include <utility>
#include <variant>

#include "base/hash.h"
#include "base/problem.h"
#include "copy/tables.h"
#include "shop/catalogue_rows.h"
#include "shop/new_shop.h"
#include "shop/schema.h"
#include "shop/vocabulary.h"
#include "sql/value.h"

namespace aforro::copy {
namespace {

using sql::param_of;
using sql::Value;

// So that no two rows are written alike.
void describe(std::string& bytes, const Value& value) {
  if (const auto* const number = std::get_if<std::int64_t>(&value)) {
    bytes += 'i' + std::to_string(*number) + ';';
  } else if (const auto* const text = std::get_if<std::string>(&value)) {
    bytes += 't' + std::to_string(text->size()) + ':' + *text;
  } else {
    bytes += 'n';
  }
}

// A table's rows in the order of their key.
class Reader {
 public:
  Reader(sql::Connection& connection, const Table& table) : connection_(connection), table_(table) {
    // Before the first: ids begin at 1, and no key is empty.
    for (std::size_t i = 0; i < table.key_columns; ++i) {
      key_.push_back(table.types[i] == 'i' ? Value(std::int64_t{0}) : Value(std::string()));
    }
  }

  // Reads the next page; false if there is none.
  bool next() {
    std::vector<sql::Param> key;
    key.reserve(key_.size());
    for (const Value& value : key_) key.push_back(param_of(value));
    values_.clear();
    connection_.query(table_.page, key, [&](const sql::Row& row) {
      for (std::size_t i = 0; i < width(); ++i) {
        values_.push_back(sql::value_of(row, static_cast<int>(i), table_.types[i]));
      }
    });
    if (values_.empty()) return false;
    std::string bytes = std::move(hash_);
    for (const Value& value : values_) describe(bytes, value);
    hash_ = hash_hex(bytes);
    const auto last = values_.end() - static_cast<std::ptrdiff_t>(width());
    key_.assign(last, last + static_cast<std::ptrdiff_t>(table_.key_columns));
    rows_ += static_cast<std::int64_t>(values_.size() / width());
    return true;
  }

  // Of the page; valid until the next.
  sql::ParamRows page() const {
    sql::ParamRows rows;
    std::vector<sql::Param> row;
    row.reserve(width());
    for (const Value& value : values_) {
      row.push_back(param_of(value));
      if (row.size() < width()) continue;
      rows.add(row);
      row.clear();
    }
    return rows;
  }

  std::int64_t rows() const { return rows_; }        // so far
  const std::string& hash() const { return hash_; }  // of these

 private:
  std::size_t width() const { return table_.types.size(); }

  sql::Connection& connection_;
  const Table& table_;
  std::vector<Value> key_;
  std::vector<Value> values_;
  std::string hash_;
  std::int64_t rows_ = 0;
};

// A shop that is newer by steps that only add has columns, or tables, that are not among ours: a copy without
// them would look whole.
void require_known(sql::Database& shop, std::string_view which) {
  const int version = shop.schema().version;
  const int known = shop::schema().version;
  if (version <= known) return;
  throw Problem(Problem::Kind::conflict,
                std::string(which) + " has schema " + std::to_string(version) +
                    " of a newer version of this program, of which this one, which knows up to " +
                    std::to_string(known) + ", would leave something behind; copy it by that version");
}

void require_empty(sql::Connection& target) {
  shop::lock_catalogue(target);
  if (const std::string_view has = shop::what_shop_has(target); !has.empty()) {
    throw Problem(Problem::Kind::conflict, "the shop to copy to has " + std::string(has) +
                                               " already; a shop is copied into an empty one alone");
  }
  // A server that has run there has left those that come again and again.
  target.run("DELETE FROM jobs");
  shop::empty_vocabulary(target);  // which says that there are no products
}

// Of each table.
std::vector<std::int64_t> count_rows(sql::Connection& source) {
  std::vector<std::int64_t> rows;
  rows.reserve(tables().size());
  for (const Table& table : tables()) rows.push_back(source.maybe_integer(table.count).value());
  return rows;
}

CopiedTable copy_table(sql::Connection& source, sql::Connection& target, const Table& table,
                       std::int64_t expected_rows, FunctionRef<void(std::int64_t rows)> copied) {
  Reader reader(source, table);
  while (reader.next()) {
    const std::int64_t before = reader.rows();
    table.insert(target, reader.page());
    copied(before);
  }
  if (reader.rows() != expected_rows) {
    throw Problem(Problem::Kind::conflict,
                  "the shop to copy has rows of " + std::string(table.name) +
                      " that no shop has, with ids below 1 or without a key; nothing was copied");
  }
  if (!table.ids.view().empty()) target.give_ids_above(table.ids, source.last_id(table.ids));
  return {.name = table.name, .rows = reader.rows(), .hash = reader.hash(), .is_the_same = false};
}

}  // namespace

std::vector<CopiedTable> copy_shop(sql::Database& source, sql::Database& target,
                                   FunctionRef<void(std::int64_t done, std::int64_t all)> progress) {
  require_known(source, "the shop to copy");
  require_known(target, "the shop to copy to");
  std::vector<CopiedTable> copied = source.read_for_long([&](sql::Connection& from) {
    const std::vector<std::int64_t> expected = count_rows(from);
    const std::int64_t all = std::accumulate(expected.begin(), expected.end(), std::int64_t{0});
    return target.write_for_long([&](sql::Connection& to) {
      require_empty(to);
      std::vector<CopiedTable> done;
      std::int64_t rows = 0;
      shop::fill_at_once(to, [&] {
        for (std::size_t i = 0; i < expected.size(); ++i) {
          done.push_back(copy_table(from, to, tables()[i], expected[i],
                                    [&](std::int64_t of_table) { progress(rows + of_table, all); }));
          rows += done.back().rows;
        }
      });
      return done;
    });
  });
  target.read_for_long([&](sql::Connection& connection) {
    for (std::size_t i = 0; i < copied.size(); ++i) {
      Reader reader(connection, tables()[i]);
      while (reader.next()) {
      }
      copied[i].is_the_same = reader.rows() == copied[i].rows && reader.hash() == copied[i].hash;
    }
  });
  return copied;
}

}  // namespace aforro::copy

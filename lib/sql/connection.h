// One connection to a relational database: statements bound by `$1`, rows handed to a visitor, one statement
// over many rows of parameters. Used by one thread at a time; handed out by sql::Database for the time of one
// transaction.
#pragma once

#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <variant>
#include <vector>

#include "base/function_ref.h"
#include "base/problem.h"
#include "sql/text.h"

namespace aforro::sql {

// A value bound to `$n`. Text is not copied: it must live through the call.
class Param {
 public:
  Param(std::nullptr_t) {}                                     // NOLINT: meant to convert
  Param(std::string_view text) : value_(text) {}               // NOLINT
  Param(const std::string& text) : value_(text) {}             // NOLINT
  Param(const char* text) : value_(std::string_view(text)) {}  // NOLINT
  template <std::integral T>
  requires(!std::same_as<T, bool>) Param(T number) : value_(static_cast<std::int64_t>(number)) {}  // NOLINT
  template <class T>
  Param(const std::optional<T>& maybe) {  // NOLINT
    if (maybe) value_ = Param(*maybe).value_;
  }

  const std::variant<std::monostate, std::int64_t, std::string_view>& value() const { return value_; }

 private:
  std::variant<std::monostate, std::int64_t, std::string_view> value_;
};

// Parameters of one statement for many rows. Texts must live until it has run, so none may be a temporary.
class ParamRows {
 public:
  void add(std::initializer_list<Param> row) { add(std::span(row.begin(), row.size())); }
  void add(std::span<const Param> row) {
    assert(width_ == 0 || width_ == row.size());
    width_ = row.size();
    values_.insert(values_.end(), row.begin(), row.end());
  }
  std::size_t size() const { return width_ == 0 ? 0 : values_.size() / width_; }
  std::span<const Param> operator[](std::size_t row) const { return subspan(row, 1); }
  // The parameters of `count` rows, one row behind the other.
  std::span<const Param> subspan(std::size_t row, std::size_t count) const {
    return std::span(values_).subspan(row * width_, count * width_);
  }

 private:
  std::size_t width_ = 0;
  std::vector<Param> values_;
};

// A row of an answer, valid while its visitor runs. Asking a column for what it does not hold is a bug.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual std::string_view text(int column) const = 0;
  std::optional<std::int64_t> maybe_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }
};

// A constraint of the schema said no; the piece that ran into it has been undone.
class ConstraintViolation : public std::runtime_error {
 public:
  enum class Kind { unique, foreign_key, check, other };
  ConstraintViolation(Kind kind, const char* what) : std::runtime_error(what), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

// Another transaction held for too long what this one asked for. On an engine with one writer, a transaction
// that has begun to write does not meet it.
class LockTimeout : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

// The disk is full, or as full as it may be for this process.
class DiskFull : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

// When an engine merges the parts in which it writes a full text index.
enum class Merging {
  bit_by_bit,  // with each that is written, a little: no transaction takes long for it
  seldom,      // many at once: less work in all, and a transaction may take long
};

// What differs between the engines inside statements that are otherwise shared.
struct Dialect {
  Text for_update;              // after a SELECT: lock its rows until the end of the transaction
  Text for_update_skip_locked;  // the same, passing over rows that another transaction has locked
  // An expression: the id of a row that is still to be written to that table, where asking ahead saves a
  // wait for the answer of its INSERT; else NULL, and the INSERT, given a NULL, gives the id.
  Composed (*id_ahead)(Text table);
};

// Every method throws Unavailable (base) for faults of disk, memory or network, LockTimeout,
// ConstraintViolation, or std::runtime_error for faults of the program; which, the driver tells by the
// engine's codes. After any of them the transaction can only end: let it through to Database.
class Connection {
 public:
  using Visitor = FunctionRef<void(const Row&)>;
  using IndexedVisitor = FunctionRef<void(std::size_t, const Row&)>;

  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  // Runs a statement whose rows are not wanted. An engine may put it off until the next query, or COMMIT;
  // its error then surfaces there.
  void run(Text text, std::initializer_list<Param> params = {}) {
    do_run(text, {params.begin(), params.size()});
  }
  void run(Text text, std::span<const Param> params) { do_run(text, params); }

  // Runs a statement and hands all its rows to the visitor, in order.
  void query(Text text, std::initializer_list<Param> params, Visitor visitor) {
    do_query(text, {params.begin(), params.size()}, visitor);
  }
  void query(Text text, std::span<const Param> params, Visitor visitor) { do_query(text, params, visitor); }

  // Runs one statement once for each row of parameters, in order; the visitor is told the index of the
  // parameters whose result it sees.
  virtual void for_each(Text text, const ParamRows& rows) = 0;
  virtual void for_each(Text text, const ParamRows& rows, IndexedVisitor visitor) = 0;

  // Runs many statements without parameters, as written in a schema file.
  virtual void script(std::string_view statements) = 0;

  virtual const Dialect& dialect() const = 0;

  // The highest id that the engine has given to a row of that table, whatever became of it; 0 if none.
  virtual std::int64_t last_id(Text table) = 0;
  // From now on it gives ids above that one. Of a change that is undone, this may stay.
  virtual void give_ids_above(Text table, std::int64_t id) = 0;

  // For good, if the transaction commits. An engine whose indexes have no such parts does nothing.
  virtual void merge_text_index(Text table, Merging merging) = 0;

  // The first column of the only row, which is no NULL; nothing if there is no row. More rows are a bug.
  std::optional<std::int64_t> maybe_integer(Text text, std::initializer_list<Param> params = {}) {
    std::optional<std::int64_t> result;
    query(text, params, [&](const Row& row) { result = row.integer(0); });
    return result;
  }

 private:
  virtual void do_run(Text text, std::span<const Param> params) = 0;
  virtual void do_query(Text text, std::span<const Param> params, Visitor visitor) = 0;
};

}  // namespace aforro::sql

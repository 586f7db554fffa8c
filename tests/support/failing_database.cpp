#include "support/failing_database.h"

#include <array>
#include <stdexcept>

namespace aforro::test {
namespace {

class WatchedConnection final : public sql::Connection {
 public:
  WatchedConnection(sql::Connection& connection, FailingDatabase& watcher)
      : connection_(connection), watcher_(watcher) {}

  void for_each(sql::Text text, const sql::ParamRows& rows) override {
    changing([&] { connection_.for_each(text, rows); });
  }
  void for_each(sql::Text text, const sql::ParamRows& rows, IndexedVisitor visitor) override {
    watched([&] { connection_.for_each(text, rows, visitor); });
  }
  void script(std::string_view statements) override {
    watched([&] { connection_.script(statements); });
  }
  const sql::Dialect& dialect() const override { return connection_.dialect(); }
  std::int64_t last_id(sql::Text table) override { return connection_.last_id(table); }
  void give_ids_above(sql::Text table, std::int64_t id) override {
    changing([&] { connection_.give_ids_above(table, id); });
  }
  void merge_text_index(sql::Text table, sql::Merging merging) override {
    changing([&] { connection_.merge_text_index(table, merging); });
  }

 private:
  template <class F>
  void watched(const F& statement) {
    watcher_.before_statement();
    statement();
    watcher_.after_statement();
  }
  template <class F>
  void changing(const F& statement) {
    watched([&] {
      if (!watcher_.leaves_out_statement()) statement();
    });
  }
  void do_run(sql::Text text, std::span<const sql::Param> params) override {
    changing([&] { connection_.run(text, params); });
  }
  void do_query(sql::Text text, std::span<const sql::Param> params, Visitor visitor) override {
    watched([&] { connection_.query(text, params, visitor); });
  }

  sql::Connection& connection_;
  FailingDatabase& watcher_;
};

struct Undone {};  // the transaction, to be done again

[[noreturn]] void fail(Injection::What what) {
  switch (what) {
    case Injection::What::unavailable:
      throw Unavailable("made to fail");
    case Injection::What::lock_timeout:
      throw sql::LockTimeout("made to wait too long");
    case Injection::What::constraint:
      throw sql::ConstraintViolation(sql::ConstraintViolation::Kind::check, "made to violate");
    case Injection::What::program:
      break;
  }
  throw std::runtime_error("made to be wrong");
}

}  // namespace

std::string describe(const Injection& injection) {
  constexpr std::array kWheres{"before statement", "after statement", "before commit",
                               "after commit",     "run again",       "left out"};
  constexpr std::array kWhats{"unavailable", "lock timeout", "constraint", "program fault"};
  return std::string(kWhats[static_cast<std::size_t>(injection.what)]) + ' ' +
         kWheres[static_cast<std::size_t>(injection.where)] + ' ' + std::to_string(injection.nth) +
         (injection.fails == Fails::once ? "" : " and later");
}

bool FailingDatabase::is_due(Injection::Where where, int count) const {
  if (!injection_ || injection_->where != where) return false;
  return injection_->fails == Fails::once ? count == injection_->nth : count >= injection_->nth;
}

void FailingDatabase::fail_at(Injection::Where where, int count) {
  if (!is_due(where, count)) return;
  has_failed_ = true;
  fail(injection_->what);
}

bool FailingDatabase::leaves_out_statement() {
  const bool leaves_out = is_due(Injection::Where::left_out, ++unread_);
  has_failed_ = has_failed_ || leaves_out;
  return leaves_out;
}

void FailingDatabase::do_read(FunctionRef<void(sql::Connection&)> piece, ReadTime /*time*/) {
  database_.read([&](sql::Connection& connection) {
    WatchedConnection watched(connection, *this);
    piece(watched);
  });
}

void FailingDatabase::do_write(FunctionRef<void(sql::Connection&)> piece) {
  const int number = ++transactions_;
  const auto run = [&](sql::Connection& connection) {
    WatchedConnection watched(connection, *this);
    piece(watched);
    fail_at(Injection::Where::before_commit, number);
  };
  if (is_due(Injection::Where::run_again, number)) {
    has_failed_ = true;
    try {
      database_.write([&](sql::Connection& connection) {
        run(connection);
        throw Undone();
      });
    } catch (const Undone&) {
    }
  }
  database_.write(run);
  if (!is_due(Injection::Where::after_commit, number)) return;
  has_failed_ = true;
  has_lost_answer_ = true;
  throw OutcomeUnknown("made to lose the answer");
}

}  // namespace aforro::test

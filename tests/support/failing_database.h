// A database in front of another one, on which one thing goes wrong: a statement fails before or after it has
// run, the commit fails, its answer is lost, or a transaction has to run a second time. For one thread; what
// it hands out is used as the database behind it pleases.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sql/database.h"
#include "support/fails.h"

namespace aforro::test {

// What is to go wrong, counted over all transactions of whoever has the database.
struct Injection {
  enum class Where {
    before_statement,  // the n-th
    after_statement,
    before_commit,  // of the n-th transaction
    after_commit,   // it is durable, and whoever asked for it is not told
    run_again,      // the n-th transaction is undone at its end and done once more, as after a conflict
    left_out,       // the n-th of the statements whose rows nobody reads: nobody notices
  };
  enum class What { unavailable, lock_timeout, constraint, program };

  Where where;
  What what;
  int nth;      // from 1
  Fails fails;  // a statement or a commit
};

std::string describe(const Injection& injection);

class FailingDatabase final : public sql::Database {
 public:
  FailingDatabase(sql::Database& database, std::optional<Injection> injection)
      : database_(database), injection_(injection) {}

  std::optional<std::uint64_t> change_mark() override { return database_.change_mark(); }
  bool is_mark_at_hand() const override { return database_.is_mark_at_hand(); }
  sql::Identity identity(sql::Text table) override { return database_.identity(table); }
  sql::StorageReport check_storage() override { return database_.check_storage(); }
  sql::SchemaMark schema() override { return database_.schema(); }
  std::optional<std::string> write_obstacle() override { return database_.write_obstacle(); }

  bool has_failed() const { return has_failed_; }            // something was made to go wrong
  bool has_lost_answer() const { return has_lost_answer_; }  // what was asked for may well be done

  // For the connections in front of those behind.
  void before_statement() { fail_at(Injection::Where::before_statement, ++begun_); }
  bool leaves_out_statement();  // the one that has begun, whose rows nobody reads
  void after_statement() { fail_at(Injection::Where::after_statement, ++ended_); }

 protected:
  void do_read(FunctionRef<void(sql::Connection&)> piece, ReadTime time) override;
  void do_write(FunctionRef<void(sql::Connection&)> piece) override;

 private:
  bool is_due(Injection::Where where, int count) const;
  void fail_at(Injection::Where where, int count);

  sql::Database& database_;
  const std::optional<Injection> injection_;
  int begun_ = 0;  // statements
  int ended_ = 0;
  int unread_ = 0;  // of those begun
  int transactions_ = 0;
  bool has_failed_ = false;
  bool has_lost_answer_ = false;
};

}  // namespace aforro::test

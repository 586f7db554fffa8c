// How statements travel. On PostgreSQL each answer that is waited for costs a round trip, and an order has
// many statements whose answers nothing depends on. So libpq's pipeline mode is always on, and run() only
// queues: the bytes go out when libpq's buffer is full, or with the next statement whose answer is waited for
// (a query, or COMMIT). A transaction costs a round trip for each time that it reads, and one for COMMIT,
// however many rows it writes. After a failure the server skips all that was queued behind it up to the next
// synchronisation point, which follows COMMIT or ROLLBACK: so a transaction in which a statement failed can't
// commit by accident. Results are handed to visitors only when all that was sent is answered, so that a
// visitor may run statements of its own.
//
// When a session is lost after COMMIT was sent, only the server knows what became of the transaction, and it
// tells that by the transaction's number. So a transaction that writes asks for its number along with the
// first statement that it waits for anyway. A transaction that waits for nothing but its COMMIT has no
// number, and its outcome stays unknown.
#include "sql/postgres_connection.h"

#include <algorithm>
#include <cassert>
#include <exception>
#include <random>
#include <utility>

#include "sql/insert_rows.h"
#include "sql/postgres_values.h"

namespace aforro::sql {
namespace {

// Searches are put together as they are asked for, so their texts never end. Beyond so many the server is
// told to forget them all.
constexpr std::size_t kMaxPrepared = 500;
// Statements under way. At so many their answers are waited for, so that memory does not grow with an import.
constexpr std::size_t kMaxPending = 4096;
constexpr std::size_t kMaxInsertedTogether = 8;  // rows

std::exception_ptr fault_in_pipeline(const PGresult* result) {
  if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED) {
    return std::make_exception_ptr(std::logic_error("a statement follows one that failed"));
  }
  return fault_of(result);
}

// Should a pooler give one session of the server to several clients in turn, none of them meets a statement
// of another's under a name of its own: it finds none, and is told so.
std::string own_names() {
  std::random_device random;
  return 's' + std::to_string(random()) + '_';
}

}  // namespace

PostgresConnection::PostgresConnection(PostgresServers& servers, const PostgresLink::Timeouts& timeouts,
                                       PostgresCounters& counters)
    : counters_(counters), link_(servers.connect(timeouts)), names_(own_names()) {
  ++counters.connections;
}

const Dialect& PostgresConnection::dialect() const {
  static constexpr Dialect kDialect{.for_update = " FOR UPDATE",
                                    .for_update_skip_locked = " FOR UPDATE SKIP LOCKED",
                                    .id_ahead = [](Text table) {
                                      Composed next("nextval('");
                                      next += table;
                                      next += "_id_seq')";
                                      return next;
                                    }};
  return kDialect;
}

std::int64_t PostgresConnection::last_id(Text table) {
  Composed text("SELECT last_value FROM ");
  text += table;
  text += "_id_seq WHERE is_called";
  return maybe_integer(text).value_or(0);
}

void PostgresConnection::give_ids_above(Text table, std::int64_t id) {
  if (id <= last_id(table)) return;
  Composed text("SELECT setval('");
  text += table;
  text += "_id_seq', $1)";
  run(text, {id});
}

void PostgresConnection::merge_text_index(Text /*table*/, Merging /*merging*/) {}

PostgresConnection::Prepared& PostgresConnection::prepare(std::string_view text) {
  auto found = prepared_.find(text);
  if (found == prepared_.end()) {
    if (prepared_.size() >= kMaxPrepared) forget();
    std::string name = names_ + std::to_string(prepared_.size());
    found = prepared_
                .try_emplace(std::string(text), Prepared{.name = std::move(name), .uses = placeholders(text)})
                .first;
    assert(found->second.uses.size() <= kMaxParams);
  }
  Prepared& prepared = found->second;
  if (prepared.is_sent) return prepared;
  // A number that the text leaves out has nowhere to take its type from.
  std::array<Oid, kMaxParams> types{};
  for (std::size_t i = 0; i < prepared.uses.size(); ++i) types[i] = prepared.uses[i] ? 0 : kInt8;
  pending_.push_back({Pending::Kind::prepare, &prepared});
  link_->require(PQsendPrepare(link_->get(), prepared.name.c_str(), found->first.c_str(),
                               static_cast<int>(prepared.uses.size()), types.data()) == 1);
  prepared.is_sent = true;
  return prepared;
}

// This happens at most once in kMaxPrepared texts, so a round trip more does not matter. No statement is in
// use, as visitors only run when all is answered.
void PostgresConnection::forget() {
  send_sync();
  settle();
  ++counters_.round_trips;
  link_->execute("DEALLOCATE ALL");
  prepared_.clear();
}

void PostgresConnection::send(Prepared& prepared, std::span<const Param> params, Pending::Kind kind) {
  const PostgresParams values(prepared.uses, params);
  pending_.push_back({kind, nullptr});
  link_->require(PQsendQueryPrepared(link_->get(), prepared.name.c_str(),
                                     static_cast<int>(prepared.uses.size()), values.values(),
                                     values.lengths(), values.formats(), /*resultFormat=*/0) == 1);
}

void PostgresConnection::send_sync() {
  pending_.push_back({Pending::Kind::sync, nullptr});
  link_->require(PQpipelineSync(link_->get()) == 1);
}

void PostgresConnection::do_run(Text text, std::span<const Param> params) {
  send(prepare(text.view()), params, Pending::Kind::execute);
  if (pending_.size() >= kMaxPending) settle();
}

void PostgresConnection::do_query(Text text, std::span<const Param> params, Visitor visitor) {
  ask_number();
  send(prepare(text.view()), params, Pending::Kind::execute_and_keep);
  Results kept;
  settle(kept);
  const PGresult* const result = kept.front().get();
  for (int row = 0; row < PQntuples(result); ++row) visitor(PostgresRow(result, row));
}

void PostgresConnection::for_each(Text text, const ParamRows& rows) {
  if (rows.size() == 0) return;
  const std::size_t width = rows[0].size();
  // To PostgreSQL most of a short INSERT is its beginning and end, so several rows go into one.
  const std::size_t most =
      takes_more_rows(text.view()) ? std::min(kMaxInsertedTogether, kMaxParams / width) : 1;
  for (std::size_t i = 0; i < rows.size();) {
    const std::size_t together = std::min(most, rows.size() - i);
    Prepared& prepared =
        together == 1 ? prepare(text.view()) : prepare(with_rows(text.view(), together, width));
    send(prepared, rows.subspan(i, together), Pending::Kind::execute);
    i += together;
    if (pending_.size() >= kMaxPending) settle();
  }
}

void PostgresConnection::for_each(Text text, const ParamRows& rows, IndexedVisitor visitor) {
  if (rows.size() == 0) return;
  ask_number();
  Prepared& prepared = prepare(text.view());
  Results kept;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    send(prepared, rows[i], Pending::Kind::execute_and_keep);
    if (pending_.size() >= kMaxPending) settle(kept);
  }
  settle(kept);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const PGresult* const result = kept[i].get();
    for (int row = 0; row < PQntuples(result); ++row) visitor(i, PostgresRow(result, row));
  }
}

void PostgresConnection::script(std::string_view statements) {
  send_sync();
  settle();
  ask(statements);
}

std::string PostgresConnection::ask(std::string_view statements) {
  ++counters_.round_trips;
  return link_->execute(statements);
}

// Without a transaction around it, which would cost more than the statement.
std::optional<std::string> PostgresConnection::committed() {
  try {
    send(prepare("SELECT CAST(pg_current_snapshot() AS TEXT) WHERE NOT pg_is_in_recovery()"), {},
         Pending::Kind::execute_and_keep);
    send_sync();
    Results kept;
    settle(kept);
    const PGresult* const result = kept.front().get();
    if (PQntuples(result) == 0) return std::nullopt;
    // Numbers may be given out again after a crash.
    return link_->greeting().life + ' ' + std::string(PostgresRow(result, 0).text(0));
  } catch (...) {
    is_sound_ = false;
    throw;
  }
}

void PostgresConnection::settle() {
  Results none;
  settle(none);
}

// True if the server has answered that a statement failed, so that the COMMIT behind it is not done. A COMMIT
// itself may be done even if the session ends before that is said.
bool PostgresConnection::was_not_done(const PGresult* result, Pending::Kind kind) {
  if (PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED) == nullptr)
    return false;  // libpq's own words
  return kind != Pending::Kind::commit || !ends_session(result);
}

// Waits until all that was sent is answered, and throws the first failure.
void PostgresConnection::settle(Results& kept) {
  if (pending_.empty()) return;
  if (pending_.back().kind != Pending::Kind::sync) link_->require(PQsendFlushRequest(link_->get()) == 1);
  ++counters_.round_trips;
  std::exception_ptr fault;
  while (!pending_.empty()) take_answer(kept, fault);
  if (fault) std::rethrow_exception(fault);
}

// Takes the answer to the first pending statement. `fault` keeps the first failure of all.
void PostgresConnection::take_answer(Results& kept, std::exception_ptr& fault) {
  const Pending pending = pending_.front();
  PostgresLink::Result result = link_->next_result();
  pending_.pop_front();
  if (pending.kind == Pending::Kind::sync) return;
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
    if (pending.kind == Pending::Kind::transaction_number) {
      transaction_ = PQgetvalue(result.get(), 0, 0);
    } else if (pending.kind == Pending::Kind::execute_and_keep) {
      kept.push_back(std::move(result));
    }
  } else {
    if (pending.kind == Pending::Kind::prepare) pending.prepared->is_sent = false;
    if (is_of_outdated_plan(result.get()) || is_of_shared_session(result.get())) is_outdated_ = true;
    if (!fault) {
      fault = fault_in_pipeline(result.get());
      is_turned_down_ = was_not_done(result.get(), pending.kind);
    }
  }
  while (link_->next_result()) {
  }
}

template <class End>
void PostgresConnection::transaction(Text begin, FunctionRef<void(Connection&)> piece, End end) {
  try {
    run(begin);
    piece(*this);
    end();
  } catch (...) {
    roll_back();
    throw;
  }
}

void PostgresConnection::read(FunctionRef<void(Connection&)> piece) {
  asks_number_ = false;
  transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", piece, [this] { end_reading(); });
}

void PostgresConnection::read_for_long(FunctionRef<void(Connection&)> piece) {
  const PostgresLink::Unhurried unhurried(*link_);
  read([&](Connection&) {
    take_time();
    piece(*this);
  });
}

// READ WRITE is not said: a standby refuses the word itself, by a state that faults of the program have, too,
// and a database that is to be read only (default_transaction_read_only) would be written to.
void PostgresConnection::write(FunctionRef<void(Connection&)> piece) {
  transaction_.clear();
  asks_number_ = true;
  transaction("BEGIN ISOLATION LEVEL READ COMMITTED", piece, [this] { commit(); });
}

void PostgresConnection::write_for_long(FunctionRef<void(Connection&)> piece) {
  const PostgresLink::Unhurried unhurried(*link_);
  write([&](Connection&) {
    take_time();
    piece(*this);
  });
}

void PostgresConnection::take_time() {
  run("SET LOCAL statement_timeout = 0");
  run("SET LOCAL idle_in_transaction_session_timeout = 0");
}

void PostgresConnection::ask_number() {
  if (!std::exchange(asks_number_, false)) return;
  send(prepare("SELECT pg_current_xact_id()"), {}, Pending::Kind::transaction_number);
}

void PostgresConnection::commit() {
  static constexpr const char* kSuperseded = "another database server has taken over meanwhile";
  if (link_->is_superseded()) throw Unavailable(kSuperseded);
  is_turned_down_ = false;
  link_->take_unconfirmed_commit();
  send(prepare("COMMIT"), {}, Pending::Kind::commit);
  try {
    send_sync();
    settle();
  } catch (const Unavailable& fault) {
    if (is_turned_down_) throw;
    throw CommitLost(fault.what(), transaction_, link_->greeting().life);
  }
  if (link_->take_unconfirmed_commit()) {
    throw CommitLost("the standby that is waited for has not confirmed the change", "", "");
  }
  if (link_->is_superseded()) throw CommitLost(kSuperseded, "", "");
}

// Unknown where commits wait for a standby: the server may have committed what the standby does not have.
PostgresConnection::Fate PostgresConnection::fate_of(const CommitLost& lost) {
  if (lost.server_life() != link_->greeting().life) return Fate::unknown;
  Fate fate = Fate::unknown;
  read([&](Connection&) {
    query(
        "SELECT pg_xact_status(CAST(CAST($1 AS TEXT) AS xid8))"
        " WHERE current_setting('synchronous_standby_names') = ''",
        {lost.transaction()}, [&](const Row& row) {
          if (row.is_null(0)) return;
          const std::string_view said = row.text(0);
          fate = said == "committed"     ? Fate::committed
                 : said == "aborted"     ? Fate::undone
                 : said == "in progress" ? Fate::open
                                         : Fate::unknown;
        });
  });
  return fate;
}

// This COMMIT is not waited for: its answer is read when the connection is used next.
void PostgresConnection::end_reading() {
  settle();  // what run() has queued
  try {
    run("COMMIT");
    send_sync();
    link_->push();
  } catch (const std::exception&) {
    is_sound_ = false;  // what was read was read
  }
}

bool PostgresConnection::is_usable() noexcept {
  if (!is_sound_ || !link_->is_alive()) return false;
  if (pending_.empty()) return true;
  // The answer to a read's COMMIT comes before anything that the server may have said since.
  try {
    Results none;
    std::exception_ptr fault;
    while (!pending_.empty() && link_->has_result()) take_answer(none, fault);
    return !fault && link_->is_alive();
  } catch (const std::exception&) {
    return false;
  }
}

// If it fails, the connection is not usable any more.
void PostgresConnection::roll_back() noexcept {
  is_sound_ = false;
  if (!link_->is_alive()) return;
  try {
    for (Pending& pending : pending_) {
      // No caller is left that would take these results.
      if (pending.kind == Pending::Kind::execute_and_keep) pending.kind = Pending::Kind::execute;
    }
    send_sync();  // up to here the server skips everything, if anything had failed
    try {
      settle();
    } catch (const std::exception&) {
      // The failure is known already, or does not matter any more.
    }
    run("ROLLBACK");
    send_sync();
    settle();
    is_sound_ = PQtransactionStatus(link_->get()) == PQTRANS_IDLE && !is_outdated_;
  } catch (const std::exception&) {
    // It stays unsound.
  }
}

}  // namespace aforro::sql

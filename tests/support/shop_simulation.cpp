// One step: the real shop is asked, then the model, whose answer must be the same; then what the step has
// left behind is compared, the little that it can have touched after every step, everything now and then,
// where an answer was lost and, while it is little, after each failure.
//
// Of an attempt that failed it is known that nothing of it happened, but for reservations that were due and
// have been expired on the way (each in a transaction of its own), and keys that were over. Where the answer
// to a commit was lost it may have happened, whole: the model is tried both ways, and one must fit.
#include "support/shop_simulation.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <memory>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "shop/catalogue.h"
#include "sql/sqlite_writer.h"
#include "support/batch.h"
#include "support/failing_database.h"
#include "support/held_clock.h"
#include "support/invariants.h"
#include "support/random_operations.h"
#include "support/shop_model.h"
#include "support/shop_news.h"
#include "support/shop_operations.h"
#include "support/shop_rows.h"
#include "support/simulated_answers.h"
#include "support/test_database.h"
#include "verify/verification.h"

namespace aforro::test {
namespace {

constexpr std::size_t kCompareAllEvery = 100;  // steps
constexpr std::size_t kSmall = 1'500;          // movements: all of it can be compared after each failure
constexpr std::size_t kStepsTold = 15;         // of those before a difference

// A SQLite file with a writer of its own, that can be held until several writes wait for one commit.
class HeldDatabase final : public sql::Database {
 public:
  HeldDatabase(sql::Database& readers, const std::filesystem::path& file)
      : readers_(readers), writer_(file) {}
  std::optional<std::uint64_t> change_mark() override { return readers_.change_mark(); }
  sql::Identity identity(sql::Text table) override { return readers_.identity(table); }
  sql::StorageReport check_storage() override { return readers_.check_storage(); }
  sql::SchemaMark schema() override { return readers_.schema(); }
  std::optional<std::string> write_obstacle() override { return readers_.write_obstacle(); }
  sql::SqliteWriter& writer() { return writer_.writer; }

 protected:
  void do_read(FunctionRef<void(sql::Connection&)> piece, ReadTime /*time*/) override {
    readers_.read(piece);
  }
  void do_write(FunctionRef<void(sql::Connection&)> piece) override { writer_.writer.write(piece); }

 private:
  sql::Database& readers_;
  OwnWriter writer_;
};

// What came of an attempt on the real shop.
struct Outcome {
  std::string answer;  // or what it failed with
  bool has_failed = false;
  bool has_lost_answer = false;
  bool was_injected = false;
  int told = 0;
};

// The first of those ids past `last`; 0 if there is none.
std::int64_t next_id(const std::vector<std::int64_t>& ids, std::int64_t last) {
  const auto found = std::upper_bound(ids.begin(), ids.end(), last);
  return found == ids.end() ? 0 : *found;
}

std::string unlike(std::string_view what, const std::string& real, const std::string& model) {
  if (real == model) return "";
  return std::string(what) + "\nthe shop:  " + real + "\nthe model: " + model;
}

class Simulation {
 public:
  Simulation(std::uint64_t seed, const std::optional<Injection>& always)
      : operations_(seed), always_(always) {
    model_.now = clock_.now();
    shop::Catalogue catalogue(*database_, clock_);
    for (std::int64_t i = 1; i <= RandomOperations::kStores; ++i) {
      model_.stores.insert(catalogue.create_store("Store " + std::to_string(i), "").value());
    }
  }

  SimulationReport run(std::size_t operations) {
    while (report_.operations < operations && report_.difference.empty()) {
      try {
        take_step();
      } catch (const std::exception& fault) {
        tell(std::string("thrown: ") + fault.what());  // with what led to it
      }
    }
    if (report_.difference.empty()) report_.difference = compare_all(model_);
    if (report_.difference.empty()) report_.difference = verified();
    return report_;
  }

 private:
  void take_step() {
    Step step = operations_.next(model_);
    if (always_) {
      for (Attempt& attempt : step.attempts) attempt.injection = always_;
    }
    move_clock(step.now);
    const std::vector<Outcome> outcomes = attempt(step.attempts);
    ++steps_;
    report_.operations += step.attempts.size();
    for (std::size_t i = 0; i < outcomes.size(); ++i) note(step.attempts[i], outcomes[i]);

    const bool has_lost_answer = has_any(outcomes, &Outcome::has_lost_answer);
    const bool is_small = model_.movements.size() < kSmall;
    const bool compares_all = has_lost_answer || steps_ % kCompareAllEvery == 0 ||
                              (is_small && has_any(outcomes, &Outcome::was_injected));
    std::string difference;
    if (has_lost_answer) {
      ShopModel with = model_;
      difference = follow(model_, step, outcomes, Lost::not_done, compares_all);
      if (!difference.empty()) {
        const std::string otherwise = follow(with, step, outcomes, Lost::done, compares_all);
        if (!otherwise.empty()) {
          difference = "if the lost one was not done:\n" + difference + "\nif it was:\n" + otherwise;
        } else {
          ++report_.counts["answer lost, and done"];
          difference.clear();
          model_ = std::move(with);
        }
      }
    } else {
      difference = follow(model_, step, outcomes, Lost::not_done, compares_all);
    }
    if (!difference.empty()) tell(difference);
  }

  void move_clock(Time now) {
    if (now >= model_.now) {
      clock_.advance(std::chrono::microseconds(now.micros() - model_.now.micros()));
    } else {
      clock_.set(now);
    }
    model_.now = now;
  }

  // --- The real shop

  std::vector<Outcome> attempt(const std::vector<Attempt>& attempts) {
    std::vector<Outcome> outcomes(attempts.size());
    if (attempts.size() == 1 || engine() == Engine::postgres) {
      for (std::size_t i = 0; i < attempts.size(); ++i) outcomes[i] = attempt_on(*database_, attempts[i]);
      return outcomes;
    }
    if (!together_) together_ = std::make_unique<HeldDatabase>(*database_, database_.location().file());
    HeldWriter held(together_->writer());
    for (std::size_t i = 0; i < attempts.size(); ++i) {
      held.queue_call([&, i] { outcomes[i] = attempt_on(*together_, attempts[i]); });
    }
    held.release();
    ++report_.counts["several in one commit"];
    return outcomes;
  }

  Outcome attempt_on(sql::Database& database, const Attempt& attempt) {
    FailingDatabase failing(database, attempt.injection);
    RealShop shop{failing, clock_, listings_};
    Outcome outcome;
    try {
      outcome.answer = answer(shop, attempt.operation);
    } catch (const Problem& problem) {
      outcome.answer = describe(problem);
      // Waiting too long for a key is told its own way.
      outcome.has_failed = failing.has_failed() && attempt.injection->what == Injection::What::lock_timeout &&
                           problem.retry_after() && problem.facts().empty();
    } catch (const std::exception& fault) {
      outcome.answer = std::string("failed: ") + fault.what();
      outcome.has_failed = failing.has_failed();
    }
    outcome.was_injected = failing.has_failed();
    outcome.has_lost_answer = outcome.has_failed && failing.has_lost_answer();
    outcome.told = shop.told;
    return outcome;
  }

  // --- The model

  enum class Lost { not_done, done };  // what an answer was lost of

  // Takes the model along, and says how it then differs from the real shop.
  std::string follow(ShopModel& model, const Step& step, const std::vector<Outcome>& outcomes, Lost lost,
                     bool compares_all) {
    const News news =
        database_->read([&](sql::Connection& connection) { return read_news(connection, model); });
    try {
      for (std::size_t i = 0; i < outcomes.size(); ++i) {
        std::string difference = follow(model, step.attempts[i].operation, outcomes[i], lost, news);
        if (!difference.empty()) return difference;
      }
    } catch (const std::exception& disbelief) {
      return disbelief.what();
    }
    if (news.expired.size() > 100) ++report_.counts["more than 100 expired at once"];
    std::string difference = compare_touched(model, news);
    if (difference.empty() && compares_all) difference = compare_all(model);
    return difference;
  }

  std::string follow(ShopModel& model, const Operation& operation, const Outcome& outcome, Lost lost,
                     const News& news) {
    const bool has_happened = !outcome.has_failed || (outcome.has_lost_answer && lost == Lost::done);
    const std::size_t jobs_before = model.jobs.size();
    std::string expected;
    bool is_refused = false;
    if (has_happened) {
      const bool is_product = std::holds_alternative<PutProduct>(operation);
      const std::int64_t id = is_product ? next_id(news.products, last_id(model.products))
                                         : next_id(news.orders, last_id(model.orders));
      try {
        expected = answer(ModelShop{model, id, news.expired}, operation);
      } catch (const Problem& problem) {
        expected = describe(problem);
        is_refused = true;
      }
    }
    if (!has_happened || is_refused) {
      adopt_expired(model, operation, news);
      adopt_forgotten(model, operation);
    }
    if (outcome.has_failed) return outcome.told == 0 ? "" : "told of an order, and then failed";
    std::string difference = unlike("they answer otherwise", outcome.answer, expected);
    const bool is_newly_confirmed = model.jobs.size() > jobs_before;
    if (difference.empty() && outcome.told != (is_newly_confirmed ? 1 : 0)) {
      difference = "told of a confirmed order " + std::to_string(outcome.told) + " times";
    }
    return difference;
  }

  // Whoever needs stock first expires what is due in a store, also if nothing comes of the rest.
  static void adopt_expired(ShopModel& model, const Operation& operation, const News& news) {
    std::optional<std::int64_t> store;
    if (const auto* const asked = std::get_if<Place>(&operation)) store = asked->wish.store;
    if (const auto* const asked = std::get_if<Adjust>(&operation)) store = asked->store;
    if (const auto* const asked = std::get_if<Count>(&operation)) store = asked->store;
    if (const auto* const asked = std::get_if<Transfer>(&operation)) store = asked->from;
    const bool is_sweep = std::holds_alternative<SweepOrders>(operation);
    for (const std::int64_t id : news.expired) {
      const shop::Order& order = model.orders.at(id).order;
      if (order.status != shop::OrderStatus::pending) continue;  // the model has expired it by itself
      if (is_sweep || order.store.value() == store) model.expire(id);
    }
  }

  // A key whose day is over may go at any time: with the sweep, or with a request that began with it, let it
  // go to expire what is due, and came to nothing.
  void adopt_forgotten(ShopModel& model, const Operation& operation) {
    const auto* const place = std::get_if<Place>(&operation);
    const bool is_sweep = std::holds_alternative<SweepKeys>(operation);
    if (!is_sweep && (place == nullptr || !place->wish.key)) return;
    std::set<std::string> kept;
    database_->read([&](sql::Connection& connection) {
      connection.query("SELECT key FROM idempotency_keys", {},
                       [&](const sql::Row& row) { kept.emplace(row.text(0)); });
    });
    std::erase_if(model.keys, [&](const auto& key) {
      const bool is_meant = is_sweep || key.first == *place->wish.key;
      return is_meant && model.is_over(key.second) && !kept.contains(key.first);
    });
  }

  // --- Comparing

  std::string compare_touched(ShopModel& model, const News& news) {
    for (const ModelMovement& movement : news.movements) {
      if (!model.take_movement(movement)) return "a movement that must not be: " + describe(movement);
    }
    if (model.expects_movements()) return "a movement is missing: " + describe(model.movements.back());
    return database_->read([&](sql::Connection& connection) {
      std::string difference = unlike("the shelves", shelves_of(connection), shelves_of(model));
      return difference.empty() ? unlike("how many there are", counts_of(connection), counts_of(model))
                                : difference;
    });
  }

  std::string compare_all(const ShopModel& model) {
    const std::vector<std::string> real =
        database_->read([](sql::Connection& connection) { return rows_of(connection); });
    std::string difference = first_difference(real, rows_of(model));
    return difference.empty() ? broken_invariants(*database_, engine()) : difference;
  }

  // What the program's own verifying finds.
  std::string verified() {
    const auto search = database_.make_search();
    const verify::Findings findings =
        verify::check_shop(*database_, *search, [](std::int64_t, std::int64_t) {});
    std::string faults;
    for (const verify::Check check : verify::kChecks) {
      for (const std::string& fault : findings.named(check)) faults += fault + '\n';
    }
    return faults;
  }

  // --- Telling

  static bool has_any(const std::vector<Outcome>& outcomes, bool Outcome::*what) {
    return std::any_of(outcomes.begin(), outcomes.end(), [&](const Outcome& one) { return one.*what; });
  }

  void note(const Attempt& attempt, const Outcome& outcome) {
    const std::string words = describe(attempt.operation);
    std::string line =
        std::to_string(report_.operations) + " at " + std::to_string(model_.now.micros()) + ": " + words;
    if (attempt.injection) line += " [" + describe(*attempt.injection) + ']';
    line += "\n    " + outcome.answer;
    report_.trace = hash_hex(report_.trace + line);
    told_.push_back(std::move(line));
    if (told_.size() > kStepsTold) told_.pop_front();

    ++report_.counts[beginning(words) + ": " + (outcome.has_failed ? "failed" : kind_of(outcome.answer))];
    if (outcome.was_injected && !outcome.has_failed) ++report_.counts["failed, and done all the same"];
    if (outcome.has_lost_answer) ++report_.counts["answer lost"];
    const auto* const place = std::get_if<Place>(&attempt.operation);
    if (place != nullptr && place->wish.key && outcome.has_failed) operations_.failed(place->wish);
  }

  static std::string beginning(const std::string& text) { return text.substr(0, text.find_first_of(" ,:")); }

  // Of an answer: refused and why, failed, or the state of the order that it is about.
  static std::string kind_of(const std::string& answer) {
    constexpr std::string_view kRefused = "refused: ";
    if (answer.starts_with(kRefused))
      return "refused, " + answer.substr(kRefused.size(), answer.find(" /") - kRefused.size());
    if (answer.starts_with("order ") || answer.starts_with("first ")) {
      for (const shop::OrderStatus status : shop::kOrderStatuses) {
        if (answer.find(' ' + std::string(to_string(status)) + ' ') != std::string::npos)
          return std::string(to_string(status));
      }
    }
    return answer.starts_with("again ") ? "again" : "done";
  }

  void tell(const std::string& difference) {
    report_.difference = "in step " + std::to_string(steps_) + ", after " +
                         std::to_string(report_.operations) + " operations, of which the last were:\n";
    for (const std::string& line : told_) report_.difference += line + '\n';
    report_.difference += difference;
  }

  HeldClock clock_;
  TestDatabase database_;
  std::unique_ptr<HeldDatabase> together_;
  ShopModel model_;
  RandomOperations operations_;
  const std::optional<Injection> always_;
  Listings listings_;
  SimulationReport report_;
  std::size_t steps_ = 0;
  std::deque<std::string> told_;
};

}  // namespace

SimulationReport simulate(std::uint64_t seed, std::size_t operations,
                          const std::optional<Injection>& always) {
  return Simulation(seed, always).run(operations);
}

}  // namespace aforro::test

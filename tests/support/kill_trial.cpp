#include "support/kill_trial.h"

#include <signal.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <sstream>
#include <thread>

#include "base/time.h"
#include "support/confirmations.h"
#include "support/database_file.h"
#include "support/engine.h"
#include "support/invariants.h"
#include "support/program.h"
#include "support/test_database.h"
#include "support/wait_until.h"

namespace aforro::test {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr int kCustomers = 6;

// Work that goes on in threads of its own until it ends, counted.
class Counter {
 public:
  void add() {
    const std::lock_guard lock(mutex_);
    ++count_;
    more_.notify_one();
  }
  void wait_for(std::int64_t count) {
    std::unique_lock lock(mutex_);
    more_.wait_for(lock, std::chrono::seconds(60), [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::int64_t count_ = 0;
};

}  // namespace

KillTrial::KillTrial(std::uint64_t seed) : random_(seed) {
  import_inventory(shop_.database(),
                   "store,sku,quantity\nNorth,CAT,1000000\nNorth,SLICER,100000\nNorth,CUPS,300\n"
                   "North,KNIFE,60\nSouth,CAT,1000000\nSouth,SLICER,500\n");
  const std::vector<std::string> skus{"CAT", "SLICER", "CUPS", "KNIFE"};
  Customer::Wishes wishes{.stores = {shop_.store("North"), shop_.store("South")}, .products = {}};
  for (const std::string& sku : skus) wishes.products.push_back(shop_.product(sku));
  for (int i = 0; i < kCustomers; ++i) customers_.push_back(std::make_unique<Customer>(i, random_(), wishes));
  clerk_ = std::make_unique<Clerk>(shop_, random_(), skus);
}

void KillTrial::go_round(const std::function<void()>& while_dead) {
  ++rounds_;
  std::atomic<bool> is_over = false;
  std::thread clerk([&] {
    do {
      clerk_->work();
    } while (!is_over);
  });
  try {
    load_and_kill(rounds_ % 5 == 2 ? End::while_stopping : End::under_load);
    while_dead();
    if (rounds_ % 5 == 4) kill_while_starting();
    const LeftSessions left(shop_.database());
    start();
    is_over = true;
    clerk.join();
    left.wait();
  } catch (...) {
    is_over = true;
    if (clerk.joinable()) clerk.join();
    throw;
  }
  compare();
}

void KillTrial::load_and_kill(End end) {
  Counter answers;
  std::vector<std::thread> threads;
  threads.reserve(customers_.size());
  for (const auto& customer : customers_) {
    threads.emplace_back([&] { customer->shop(shop_.connect(), [&] { answers.add(); }); });
  }
  answers.wait_for(static_cast<std::int64_t>(10 + random_() % 110));
  pause(microseconds(3'000));
  if (end == End::while_stopping) {
    ::kill(shop_.server().pid(), SIGTERM);
    pause(microseconds(3'000));
  }
  shop_.server().kill();
  for (std::thread& thread : threads) thread.join();
  const int status = shop_.server().stop();
  if (status == -SIGKILL) {
    ++(end == End::under_load ? under_load_ : stopping_);
  } else if (status != 0 || end == End::under_load) {
    faults_.push_back("the server ended with " + std::to_string(status));
  }
}

// For a moment that nothing happening in the server decides.
void KillTrial::pause(microseconds longest) {
  std::this_thread::sleep_for(microseconds(random_() % static_cast<std::uint64_t>(longest.count())));
}

void KillTrial::kill_while_starting() {
  Program server({"serve", "--listen", "127.0.0.1:0", "--database", shop_.database().string()});
  pause(2 * ready_after_.quantile(0.5) + microseconds(1'000));
  server.signal(SIGKILL);
  const ProgramResult result = server.finish();
  ++starting_;
  before_listening_ += result.out.empty() ? 1 : 0;
  killed_log_ += result.err;
}

void KillTrial::start() {
  const auto began = steady_clock::now();
  shop_.restart();
  if (!wait_until([&] { return shop_.client().get("/readyz").status == 200; })) {
    faults_.emplace_back("it does not become ready");
  }
  ready_after_.add(steady_clock::now() - began);
}

std::map<std::string, std::int64_t> KillTrial::newly_stored() {
  std::map<std::string, std::int64_t> stored;
  for (const std::string& row : query_texts(
           shop_.database(), "SELECT CAST(id AS TEXT) || ' ' || customer_email FROM orders WHERE id > " +
                                 std::to_string(last_order_) + " ORDER BY id")) {
    std::istringstream columns(row);
    std::int64_t id = 0;
    std::string email;
    columns >> id >> email;
    if (!stored.emplace(email, id).second) faults_.push_back("the order of " + email + " is stored twice");
    last_order_ = id;
  }
  return stored;
}

void KillTrial::compare() {
  const auto stored = newly_stored();
  for (const auto& customer : customers_) customer->compare(shop_.connect(), stored);
}

void KillTrial::compare_all() {
  std::map<std::int64_t, Expected> expected;
  for (const auto& customer : customers_) {
    expected.insert(customer->orders().begin(), customer->orders().end());
  }
  const std::int64_t now = SystemClock().now().micros();
  const auto rows = query_texts(shop_.database(),
                                "SELECT CAST(id AS TEXT) || ' ' || CASE WHEN status = 'PENDING' AND"
                                " expires_at <= " +
                                    std::to_string(now) + " THEN 'EXPIRED' ELSE status END FROM orders");
  std::size_t missing = expected.size();
  for (const std::string& row : rows) {
    std::istringstream columns(row);
    std::int64_t id = 0;
    std::string status;
    columns >> id >> status;
    const auto found = expected.find(id);
    if (found == expected.end()) {
      faults_.push_back("nobody was told of order " + std::to_string(id));
      continue;
    }
    --missing;
    const std::int64_t after = SystemClock().now().micros();
    if (!found->second.allows(status, now, after)) {
      faults_.push_back("order " + std::to_string(id) + " that was " + found->second.status + " is " +
                        status);
    }
  }
  if (missing > 0) faults_.push_back(std::to_string(missing) + " orders are lost");

  const auto shelves = query_texts(
      shop_.database(),
      "SELECT CAST(i.store_id AS TEXT) || ' ' || CAST(i.product_id AS TEXT) || ' ' ||"
      " CAST(i.quantity + coalesce(h.quantity, 0) AS TEXT) FROM inventory i LEFT JOIN (SELECT o.store_id,"
      " l.product_id, sum(l.quantity) AS quantity FROM orders o JOIN order_lines l ON l.order_id = o.id"
      " WHERE o.status IN ('PENDING', 'CONFIRMED') GROUP BY o.store_id, l.product_id) h"
      " ON h.store_id = i.store_id AND h.product_id = i.product_id");
  std::map<Clerk::Shelf, std::int64_t> sold_held_and_left;
  for (const std::string& row : shelves) {
    std::istringstream columns(row);
    Clerk::Shelf shelf;
    columns >> shelf.first >> shelf.second >> sold_held_and_left[shelf];
  }
  for (const auto& [shelf, quantity] : sold_held_and_left) {
    const auto received = clerk_->received().find(shelf);
    if (received == clerk_->received().end() || received->second != quantity) {
      faults_.push_back("store " + std::to_string(shelf.first) + " product " + std::to_string(shelf.second) +
                        ": sold, held and left are " + std::to_string(quantity));
    }
  }
  if (sold_held_and_left.size() != clerk_->received().size()) faults_.emplace_back("a shelf is lost");

  const auto database = open_database(shop_.database());
  const std::string broken = broken_invariants(*database, engine());
  if (!broken.empty()) faults_.push_back(broken);
  const ProgramResult verified = shop_.command({"verify"});
  if (verified.exit_status != 0) faults_.push_back("verify: " + verified.out + verified.err);
}

void KillTrial::compare_confirmations() {
  if (shop_.server().stop() != 0) faults_.emplace_back("the server does not stop well");
  let_leases_end(shop_.database());
  shop_.restart();
  if (!wait_until([&] { return jobs_left(shop_.database()) == 0; }, std::chrono::minutes(1))) {
    faults_.emplace_back("confirmations are never sent");
  }
  const auto sent = confirmations_in(shop_.server().log() + killed_log_);
  for (const auto& customer : customers_) {
    for (const auto& [id, order] : customer->orders()) {
      const bool was_sent = sent.contains(id);
      const bool may_be = order.status == "CONFIRMED" || order.status == "CANCELLED";
      if (was_sent ? !may_be : order.status == "CONFIRMED") {
        faults_.push_back("order " + std::to_string(id) + " that is " + order.status + " has " +
                          (was_sent ? "a" : "no") + " confirmation");
      }
    }
  }
}

std::int64_t KillTrial::acknowledged() const {
  std::int64_t count = clerk_->done();
  for (const auto& customer : customers_) count += customer->acknowledged();
  return count;
}

std::string KillTrial::faults() const {
  std::string text;
  const auto add = [&](const std::vector<std::string>& faults) {
    for (const std::string& fault : faults) text += fault + '\n';
  };
  add(faults_);
  for (const auto& customer : customers_) add(customer->faults());
  add(clerk_->faults());
  return text;
}

std::string KillTrial::summary() const {
  Unanswered unanswered;
  std::size_t orders = 0;
  std::int64_t repeated = 0;
  for (const auto& customer : customers_) {
    unanswered.asked += customer->unanswered().asked;
    unanswered.happened += customer->unanswered().happened;
    orders += customer->orders().size();
    repeated += customer->repeated();
  }
  std::ostringstream text;
  text << kills() << " kills (" << under_load_ << " under load, " << stopping_ << " while stopping, "
       << starting_ << " while starting, " << before_listening_ << " of these before it listened), "
       << acknowledged() << " acknowledged changes, " << orders << " orders, " << repeated
       << " keys used again, " << unanswered.happened << " of " << unanswered.asked
       << " unanswered requests had happened, " << clerk_->done() << " commands beside it; ready after "
       << ready_after_.quantile(0.5).count() / 1000 << " ms (median), "
       << ready_after_.quantile(1).count() / 1000 << " ms (longest)";
  return text.str();
}

}  // namespace aforro::test

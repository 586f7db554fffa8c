#include "bench/order_engine.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/bare_loop.h"
#include "bench/median.h"
#include "bench/processes.h"
#include "bench/table.h"
#include "bench/workloads.h"
#include "support/program.h"
#include "support/server.h"

namespace aforro::bench {
namespace {

namespace fs = std::filesystem;
using test::LoadReport;
using test::Server;

constexpr std::size_t kOrdersTogether = 64;
constexpr std::size_t kOrdersTogetherWhenFilling = 10'000;
constexpr std::size_t kImportedProducts = 20'000;
constexpr double kShareAlone = 0.7;    // of the closed loop's rate
constexpr double kShareBeside = 0.35;  // so that there is a processor for what goes on beside it
constexpr int kOpenLoopTimes = 3;      // as long as a closed loop
constexpr std::chrono::milliseconds kWarmUp{300};

std::string milliseconds(const test::Latencies& latencies, double share) {
  return shown(std::chrono::duration<double, std::milli>(latencies.quantile(share)).count());
}

void must(const test::ProgramResult& result) {
  if (result.exit_status != 0) throw std::runtime_error("a command failed: " + result.err);
}

// Does something again and again beside a load, on a thread of its own, until this object ends.
class Beside {
 public:
  explicit Beside(std::function<void(int round)> work)
      : thread_([this, work = std::move(work)] {
          try {
            for (; !stopping_; ++rounds_) work(rounds_);
          } catch (const std::exception& fault) {
            fault_ = fault.what();
          }
        }) {}
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;
  ~Beside() { join(); }

  // How often it was done. Throws if it failed.
  int stop() {
    join();
    if (!fault_.empty()) throw std::runtime_error(std::exchange(fault_, {}));
    return rounds_;
  }

 private:
  void join() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

  std::atomic<bool> stopping_ = false;
  int rounds_ = 0;
  std::string fault_;
  std::thread thread_;
};

// Twenty thousand products, whose prices differ from round to round, so that each import changes all of them.
std::string catalogue(int round) {
  std::string csv = "sku,title,price,category\n";
  for (std::size_t i = 0; i < kImportedProducts; ++i) {
    const std::string number = std::to_string(i);
    csv += "IMPORTED-" + number + ",Imported thing " + number + ',' + std::to_string(1 + round % 90) +
           ".50,Imported\n";
  }
  return csv;
}

class Engine {
 public:
  explicit Engine(const EnginePlan& plan) : plan_(plan), orders_(orders(goods_)) {}

  bool run() {
    const fs::path file = seeded("orders.db");
    BareLoop bare(seeded("bare.db"), goods_, BareLoop::Durability::full);
    std::unique_ptr<Server> grown;
    if (plan_.grown_orders > 0) grown = std::make_unique<Server>(filled());
    Server server(file);
    const double rate = measure_rates(server, bare, grown.get());
    grown.reset();
    measure_beside(server, file, rate);
    if (const int status = server.stop(); status != 0)
      broken("the server ended with " + std::to_string(status));
    return is_sound_;
  }

 private:
  fs::path seeded(const std::string& name) const {
    const fs::path file = plan_.folder / name;
    must(test::run_program({"seed", "--uniform", "--database", file.string()}));
    return file;
  }

  fs::path filled() const {
    const fs::path file = seeded("grown.db");
    std::fprintf(stderr, "making a file of %s orders\n",
                 shown(static_cast<double>(plan_.grown_orders)).c_str());
    BareLoop loop(file, goods_, BareLoop::Durability::none);
    for (std::size_t made = 0; made < plan_.grown_orders;) {
      const std::size_t together = std::min(kOrdersTogetherWhenFilling, plan_.grown_orders - made);
      loop.place(together);
      loop.discard_jobs();
      made += together;
    }
    return file;
  }

  // Returns our own orders/s.
  double measure_rates(Server& server, BareLoop& bare, Server* grown) {
    struct Line {
      std::string name;
      std::function<double()> measure;
      test::Latencies latencies;
      std::vector<double> rates;
      std::vector<double> shares;  // of the first line's in the same round
    };
    std::vector<Line> lines;
    const auto add = [&](std::string name, std::function<double(test::Latencies&)> measure) {
      const std::size_t at = lines.size();
      lines.push_back(
          {.name = std::move(name),
           .measure = [&lines, at, measure = std::move(measure)] { return measure(lines[at].latencies); },
           .latencies = {},
           .rates = {},
           .shares = {}});
    };
    const auto add_load = [&](const std::string& name, int port, const Workload& work) {
      add(name, [this, name, port, &work](test::Latencies& latencies) {
        return closed_loop(name, port, work, latencies);
      });
    };
    const Workload one_product = orders_of_one_product(goods_);
    add_load("orders of three lines", server.port(), orders_);
    add_load("all of them want one product", server.port(), one_product);
    if (grown != nullptr)
      add_load("in a file of " + shown(static_cast<double>(plan_.grown_orders)) + " orders", grown->port(),
               orders_);
    add("bare SQLite loop, 64 in a transaction",
        [&](test::Latencies&) { return bare.run(plan_.duration, kOrdersTogether); });
    if (plan_.peer) add_load("the peer", plan_.peer->port, orders_);

    for (std::size_t round = 0; round < plan_.rounds; ++round) {
      std::fprintf(stderr, "orders, round %zu of %zu\n", round + 1, plan_.rounds);
      for (std::size_t i = 0; i < lines.size(); ++i) {
        Line& line = lines[round % 2 == 0 ? i : lines.size() - 1 - i];
        line.rates.push_back(line.measure());
        wait_until_idle(process_tree(server.pid()));
        if (grown != nullptr) wait_until_idle(process_tree(grown->pid()));
        if (plan_.peer) wait_until_idle(peer_processes(plan_.peer->folder));
      }
      for (Line& line : lines) line.shares.push_back(lines.front().rates.back() / line.rates.back());
    }
    Table table({"closed loop", "orders/s", "the first is times", "p50 ms", "p99 ms", "max"});
    for (const Line& line : lines) {
      std::vector<std::string> row{line.name, shown(median(line.rates)), shown(median(line.shares))};
      if (line.latencies.count() > 0) {
        for (const double share : {0.5, 0.99, 1.0}) row.push_back(milliseconds(line.latencies, share));
      }
      table.add(row);
    }
    std::printf("%s\n", table.text().c_str());
    return median(lines.front().rates);
  }

  double closed_loop(const std::string& name, int port, const Workload& work, test::Latencies& latencies) {
    const LoadReport report = test::run_load({.port = port,
                                              .connections = plan_.connections,
                                              .warm_up = kWarmUp,
                                              .duration = plan_.duration,
                                              .request = work.request,
                                              .judge = work.judge});
    check(name, report);
    latencies.add(report.latencies);
    return report.per_second();
  }

  // At a fixed rate, so that everything that had to wait for a stall shows it.
  void measure_beside(const Server& server, const fs::path& file, double most_per_second) {
    const std::string database = file.string();
    Table table({"open loop", "orders/s", "p50 ms", "p99 ms", "p99.9 ms", "max", "done beside it"});
    const auto add = [&](const std::string& name, double part, const std::function<void(int)>& work) {
      const double per_second = most_per_second * part;
      std::fprintf(stderr, "%s\n", name.c_str());
      wait_until_idle(process_tree(server.pid()));
      std::unique_ptr<Beside> beside;
      if (work) beside = std::make_unique<Beside>(work);
      const LoadReport report = test::run_load({.port = server.port(),
                                                .connections = plan_.connections,
                                                .warm_up = kWarmUp,
                                                .duration = plan_.duration * kOpenLoopTimes,
                                                .per_second = per_second,
                                                .request = orders_.request,
                                                .judge = orders_.judge});
      std::vector<std::string> row{name, shown(per_second)};
      for (const double share : {0.5, 0.99, 0.999, 1.0}) row.push_back(milliseconds(report.latencies, share));
      if (beside) row.push_back(std::to_string(beside->stop()) + " times");
      check(name, report);
      table.add(row);
    };
    add("alone", kShareAlone, {});
    add("alone", kShareBeside, {});
    add("a long read", kShareBeside, [&](int) { read_all(file); });
    add("aforro verify", kShareBeside, [&](int) {
      must(test::run_program({"verify", "--database", database}));
    });
    add("aforro backup", kShareBeside, [&](int) {
      must(test::run_program(
          {"backup", (plan_.folder / "copy.db").string(), "--force", "--database", database}));
    });
    const Workload searching = searches({"red", "blue", "set", "mug", "lamp"});
    add("searches, so that the log is always being read", kShareBeside, [&](int) {
      test::run_load({.port = server.port(),
                      .connections = 4,
                      .warm_up = std::chrono::milliseconds(0),
                      .duration = std::chrono::seconds(1),
                      .per_second = 400,
                      .request = searching.request,
                      .judge = searching.judge});
    });
    add("an import of 20,000 products", kShareBeside, [&](int round) {
      const fs::path csv = plan_.folder / "products.csv";
      std::ofstream(csv) << catalogue(round);
      must(test::run_program({"import", "products", csv.string(), "--database", database}));
    });
    add("alone again", kShareBeside, {});
    std::printf("%s", table.text().c_str());
  }

  // One snapshot, held for as long as it takes to look at every movement and every line.
  static void read_all(const fs::path& file) {
    SQLite::Database database(file.string(), SQLite::OPEN_READONLY);
    database.exec("BEGIN");
    for (const auto* question : {"SELECT sum(quantity_after % 1000) FROM movements",
                                 "SELECT sum(quantity * length(product_title)) FROM order_lines"}) {
      SQLite::Statement(database, question).executeStep();
    }
    database.exec("COMMIT");
  }

  void check(const std::string& name, const LoadReport& report) {
    if (report.wrong > 0)
      broken(name + ": " + std::to_string(report.wrong) + " wrong answers, the first: " + report.first_wrong);
    if (report.counted == 0) broken(name + ": no answer counted");
  }

  void broken(const std::string& what) {
    is_sound_ = false;
    std::fprintf(stderr, "BROKEN: %s\n", what.c_str());
  }

  const EnginePlan& plan_;
  const Goods goods_;
  const Workload orders_;
  bool is_sound_ = true;
};

}  // namespace

bool measure_order_engine(const EnginePlan& plan) { return Engine(plan).run(); }

}  // namespace aforro::bench

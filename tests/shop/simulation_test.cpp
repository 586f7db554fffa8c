// A shop and a plain model of it go the same way, whatever is asked of them and whatever fails. Seeds are
// fresh and printed; AFORRO_SEED=… goes one way again. AFORRO_SIMULATION says how many operations to make.
#include "support/shop_simulation.h"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "support/engine.h"
#include "support/seed.h"

namespace {

using namespace aforro::test;  // NOLINT

// Mostly a small shop, all of which can be compared often, and now and then one of more orders.
constexpr std::size_t operations_of(std::uint64_t seed) { return seed % 16 == 0 ? 4'000 : 500; }

constexpr std::size_t kToldEvery = 100'000;  // of long runs

std::size_t operations_wanted() {
  if (const char* const wanted = std::getenv("AFORRO_SIMULATION")) return std::stoull(wanted);
  return engine() == Engine::postgres ? 2'000 : 10'000;
}

std::string engine_name() { return engine() == Engine::postgres ? "postgres" : "sqlite"; }

TEST_CASE("a shop answers and keeps what a plain model of it does, whatever is asked and whatever fails") {
  const std::uint64_t first = seed_of_run();
  const bool is_repeated = std::getenv("AFORRO_SEED") != nullptr;
  const std::size_t wanted = is_repeated ? 1 : operations_wanted();
  std::printf("seeds from %llu\n", static_cast<unsigned long long>(first));
  std::fflush(stdout);
  const auto begun = std::chrono::steady_clock::now();
  std::map<std::string, std::size_t> counts;
  std::size_t operations = 0;
  std::size_t told = 0;
  for (std::uint64_t seed = first; operations < wanted; ++seed) {
    const SimulationReport report = simulate(seed, operations_of(seed));
    operations += report.operations;
    for (const auto& [what, count] : report.counts) counts[what] += count;
    INFO("to go there again: AFORRO_SEED=", seed, " AFORRO_TEST_ENGINE=", engine_name());
    REQUIRE(report.difference == "");
    if (operations / kToldEvery == told) continue;
    told = operations / kToldEvery;
    std::printf("%zu operations\n", operations);
    std::fflush(stdout);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::printf("%zu operations in %.1f s:\n", operations, took.count());
  for (const auto& [what, count] : counts) std::printf("%9zu %s\n", count, what.c_str());
}

TEST_CASE("the same seed goes the same way, another one another way") {
  const SimulationReport once = simulate(7, 300);
  const SimulationReport again = simulate(7, 300);
  CHECK(once.difference == "");
  CHECK(once.operations >= 300);
  CHECK(once.trace == again.trace);
  CHECK(once.counts == again.counts);
  CHECK(once.trace != simulate(8, 300).trace);
}

TEST_CASE("simulated shops get to whatever can come of an operation") {
  if (engine() == Engine::postgres) return;  // takes long, and the same is made up for it
  std::map<std::string, std::size_t> counts;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const SimulationReport report = simulate(seed, operations_of(seed));
    REQUIRE(report.difference == "");
    for (const auto& [what, count] : report.counts) counts[what] += count;
  }
  for (const char* const what : {"place: CONFIRMED",
                                 "place: PENDING",
                                 "place: REJECTED",
                                 "place: again",
                                 "place: failed",
                                 "place: refused, invalid-request",
                                 "place: refused, not-found",
                                 "place: refused, idempotency-key-reused",
                                 "confirm: CONFIRMED",
                                 "confirm: refused, conflict order_status=EXPIRED",
                                 "confirm: refused, conflict order_status=CANCELLED",
                                 "cancel: CANCELLED",
                                 "cancel: refused, conflict order_status=EXPIRED",
                                 "sweep: done",
                                 "sweep: failed",
                                 "receive: done",
                                 "receive: failed",
                                 "receive: refused, conflict",
                                 "adjust: done",
                                 "adjust: refused, conflict",
                                 "transfer: done",
                                 "transfer: refused, conflict",
                                 "transfer: refused, invalid-request",
                                 "count: done",
                                 "put: done",
                                 "deliver: done",
                                 "find: EXPIRED",
                                 "list: done",
                                 "list: failed",
                                 "answer lost",
                                 "answer lost, and done",
                                 "failed, and done all the same",
                                 "several in one commit"}) {
    CAPTURE(what);
    CHECK(counts[what] > 0);
  }
}

TEST_CASE("a statement that is left out in silence is noticed, whichever it is") {
  // Where ids are given ahead, the first is an order itself: its lines are refused then, and nothing happens.
  const int first = engine() == Engine::postgres ? 2 : 1;
  for (int nth = first; nth <= 8; ++nth) {
    CAPTURE(nth);
    const Injection sabotage{Injection::Where::left_out, Injection::What::program, nth, Fails::once};
    std::string difference;
    for (std::uint64_t seed = 1; seed <= 5 && difference.empty(); ++seed) {
      difference = simulate(seed, operations_of(seed), sabotage).difference;
    }
    CHECK(difference != "");
  }
}

}  // namespace

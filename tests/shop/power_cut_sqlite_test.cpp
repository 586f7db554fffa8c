// The power is cut at every moment of a load of orders: whatever the disk made of what was not synced,
// nothing that was acknowledged is lost, nothing is there by half, and the shop goes on. The load runs once
// under a watched disk; its history is then replayed, cut for cut. AFORRO_POWER_CUTS=all in the environment
// tries every change of the disk; without it some hundred are tried, chosen from a seed that is printed.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "support/disk_history.h"
#include "support/engine.h"
#include "support/invariants.h"
#include "support/order_load.h"
#include "support/seed.h"
#include "support/temporary_folder.h"
#include "support/watched_disk.h"

namespace {

using namespace aforro::test;  // NOLINT
using Kind = DiskChange::Kind;

constexpr std::size_t kSampledCuts = 120;

constexpr Damage kDamages[] = {{Damage::Kind::all_lost, 512},  {Damage::Kind::none_lost, 512},
                               {Damage::Kind::last_torn, 512}, {Damage::Kind::last_torn, 4096},
                               {Damage::Kind::some_lost, 512}, {Damage::Kind::some_lost, 4096}};

struct Recorded {
  DiskHistory history;
  std::map<std::int64_t, std::string> orders;  // as they were in the end
};

Recorded record_load() {
  const TemporaryFolder folder;
  Recorded recorded;
  WatchedDisk disk;
  run_order_load(folder / "aforro.db", [&](std::int64_t id) { disk.acknowledge(id); });
  recorded.history = disk.history();
  recorded.orders = ShopFile(folder / "aforro.db").orders();
  return recorded;
}

// What was found behind a power cut.
struct Found {
  std::string fault;  // empty: none
  std::map<std::int64_t, std::string> orders;
};

Found look(const std::map<std::string, std::string>& files) {
  Found found;
  const TemporaryFolder folder;
  write_files(folder.path(), files);
  try {
    ShopFile shop(folder / "aforro.db");
    found.orders = shop.orders();
    found.fault = broken_invariants(shop.database(), Engine::sqlite);
    const std::int64_t next = shop.place(1).id.value();
    if (!found.orders.empty() && next <= found.orders.rbegin()->first) found.fault += "an id was given again";
  } catch (const std::exception& fault) {
    found.fault = std::string("it cannot be opened: ") + fault.what();
  }
  return found;
}

std::size_t hash_of(const std::map<std::string, std::string>& files) {
  std::size_t hash = 0;
  for (const auto& [name, content] : files) {
    hash = hash * 31 + std::hash<std::string>()(name);
    hash = hash * 31 + std::hash<std::string>()(content);
  }
  return hash;
}

struct Tried {
  std::size_t cuts = 0;
  std::size_t images = 0;  // that differ
  std::size_t lost = 0;    // cuts by which something acknowledged was lost, or was another
  std::size_t broken = 0;
  std::string first_fault;
};

// Cuts the power after each change that `is_tried` picks, with every kind of damage.
Tried cut_everywhere(const Recorded& load, std::mt19937_64& random, const std::function<bool()>& is_tried) {
  Tried tried;
  DiskImage image(load.history);
  std::set<std::int64_t> acknowledged;
  std::unordered_map<std::size_t, Found> seen;  // many cuts leave the same
  while (image.advance()) {
    const DiskChange& change = load.history.changes[image.position() - 1];
    if (change.kind == Kind::acknowledge) acknowledged.insert(change.offset);
    if (change.kind == Kind::acknowledge || !is_tried()) continue;
    ++tried.cuts;
    for (const Damage& damage : kDamages) {
      const auto files = image.after(damage, random);
      const auto [at, is_new] = seen.try_emplace(hash_of(files));
      if (is_new) at->second = look(files);
      const Found& found = at->second;
      bool is_lost = false;
      for (const std::int64_t id : acknowledged) {
        const auto order = found.orders.find(id);
        is_lost = is_lost || order == found.orders.end() || order->second != load.orders.at(id);
      }
      tried.lost += is_lost ? 1 : 0;
      tried.broken += found.fault.empty() ? 0 : 1;
      if (tried.first_fault.empty() && (is_lost || !found.fault.empty())) {
        tried.first_fault = "cut after change " + std::to_string(image.position()) + " (kind " +
                            std::to_string(static_cast<int>(change.kind)) + " of " +
                            load.history.names[change.file] + "), damage " +
                            std::to_string(static_cast<int>(damage.kind)) + " by " +
                            std::to_string(damage.sector_bytes) + ": " +
                            (is_lost ? "an acknowledged order is lost; " : "") + found.fault;
      }
    }
  }
  tried.images = seen.size();
  return tried;
}

std::size_t cuts_of(const DiskHistory& history) {
  std::size_t count = 0;
  for (const DiskChange& change : history.changes) count += change.kind == Kind::acknowledge ? 0 : 1;
  return count;
}

bool tries_all() {
  const char* const cuts = std::getenv("AFORRO_POWER_CUTS");
  return cuts != nullptr && std::string_view(cuts) == "all";
}

TEST_CASE("a power cut at any moment loses no acknowledged order and leaves a sound file that serves again") {
  const Recorded load = record_load();
  const std::size_t all = cuts_of(load.history);
  const std::uint64_t seed = seed_of_run();
  std::mt19937_64 random(seed);
  std::mt19937_64 choice(seed + 1);

  const Tried tried =
      cut_everywhere(load, random, [&] { return tries_all() || choice() % all < kSampledCuts; });

  std::printf("power cuts: %zu of the %zu changes of the disk tried, %zu images that differ, seed %llu\n",
              tried.cuts, all, tried.images, static_cast<unsigned long long>(seed));
  CHECK(tried.first_fault == "");
  CHECK(tried.lost == 0);
  CHECK(tried.broken == 0);
  CHECK(tried.cuts > 10);
  CHECK(load.orders.size() == 64);
}

TEST_CASE("a file whose making was cut off by a power cut is made when it is opened again") {
  constexpr int kDraws = 20;
  DiskHistory history;
  {
    const TemporaryFolder folder;
    const WatchedDisk disk;
    const ShopFile shop(folder / "aforro.db");
    history = disk.history();
  }
  std::mt19937_64 random(1);
  std::unordered_map<std::size_t, Found> seen;
  std::string first_fault;
  DiskImage image(history);

  // As long as there is no log, which has tests of its own.
  while (image.advance() && !history.names[history.changes[image.position()].file].ends_with("-wal")) {
    for (int draw = 0; draw < kDraws; ++draw) {
      for (const Damage& damage : kDamages) {
        const auto files = image.after(damage, random);
        const auto [at, is_new] = seen.try_emplace(hash_of(files));
        if (is_new) at->second = look(files);
        if (first_fault.empty()) first_fault = at->second.fault;
      }
    }
  }

  CHECK(first_fault == "");
  CHECK(image.position() > 10);
  CHECK(seen.size() > 10);
}

TEST_CASE("were the syncs left out, power cuts would lose orders, and this would be noticed") {
  Recorded load = record_load();
  for (DiskChange& change : load.history.changes) {
    if (change.kind == Kind::sync) change.kind = Kind::failed_sync;
  }
  std::mt19937_64 random(1);
  std::size_t turn = 0;

  const Tried tried = cut_everywhere(load, random, [&] { return ++turn % 200 == 0; });

  CHECK(tried.cuts > 0);
  CHECK(tried.lost > 0);
}

}  // namespace

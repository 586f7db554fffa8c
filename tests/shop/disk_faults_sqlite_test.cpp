// Each call on the disk, and each piece of memory, fails in turn under a load of orders, once or for a while:
// nobody is told that an order stands which does not, or the other way round, and once it passes orders are
// taken again. AFORRO_DISK_FAULTS=all tries every call; without it some are tried, chosen from a seed that is
// printed.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <string_view>

#include "base/problem.h"
#include "support/disk_history.h"
#include "support/engine.h"
#include "support/failing_memory.h"
#include "support/invariants.h"
#include "support/order_load.h"
#include "support/seed.h"
#include "support/temporary_folder.h"
#include "support/watched_disk.h"

namespace {

using namespace aforro::test;  // NOLINT
using aforro::OutcomeUnknown;
using aforro::Unavailable;

// Which of the calls that may fail are tried: "all", "most" (all of the disk, some of memory) or few.
std::string_view faults_wanted() {
  const char* const faults = std::getenv("AFORRO_DISK_FAULTS");
  return faults == nullptr ? "few" : faults;
}

// A shop made once, of which each trial has a copy.
const std::filesystem::path& original() {
  static const TemporaryFolder folder;
  static const std::filesystem::path file = [] {
    const std::filesystem::path made = folder / "aforro.db";
    ShopFile shop(made);
    for (std::int64_t i = 0; i < 10; ++i) shop.place(i);
    return made;
  }();
  return file;
}

std::filesystem::path copy_into(const TemporaryFolder& folder) {
  std::filesystem::copy_file(original(), folder / "aforro.db");
  return folder / "aforro.db";
}

struct Seen {
  std::set<std::int64_t> acknowledged;
  std::size_t unavailable = 0;
  std::string wrong;  // the first
};

void note(Seen& seen, const std::string& wrong) {
  if (seen.wrong.empty()) seen.wrong = wrong;
}

// Whatever is thrown but these two would be a fault of the program: here all comes from the disk.
void attempt(Seen& seen, const std::function<void()>& what) {
  try {
    what();
  } catch (const Unavailable&) {
    ++seen.unavailable;
  } catch (const OutcomeUnknown&) {
    ++seen.unavailable;
  } catch (const std::exception& fault) {
    note(seen, std::string("not called unavailable: ") + fault.what());
  }
}

std::set<std::int64_t> ids_of(ShopFile& shop) {
  std::set<std::int64_t> ids;
  for (const auto& [id, text] : shop.orders()) ids.insert(id);
  return ids;
}

// While things fail. Orders and reads on connections that have not seen their statements yet.
void run_load(ShopFile& shop, Seen& seen) {
  for (std::int64_t number = 100; number < 106; ++number) {
    attempt(seen, [&] { seen.acknowledged.insert(shop.place(number).id.value()); });
    attempt(seen, [&] {
      if (ids_of(shop) != seen.acknowledged) note(seen, "a read shows other orders than were acknowledged");
    });
  }
}

// Once things no longer fail.
void look_after(ShopFile& shop, Seen& seen) {
  try {
    seen.acknowledged.insert(shop.place(200).id.value());
    if (ids_of(shop) != seen.acknowledged) note(seen, "other orders are there than were acknowledged");
    const std::string broken = broken_invariants(shop.database(), Engine::sqlite);
    if (!broken.empty()) note(seen, broken);
  } catch (const std::exception& fault) {
    note(seen, std::string("no service again: ") + fault.what());
  }
}

// Small logs, so that they are carried over into the file now and then while things fail.
void checkpoint_often(ShopFile& shop) {
  shop.database().write(
      [](aforro::sql::Connection& connection) { connection.script("PRAGMA wal_autocheckpoint = 30"); });
}

struct Trial {
  bool has_failed = false;  // something was made to fail; if not, there are no so many calls
  Seen seen;
};

Trial fail_disk(DiskCall call, int code, std::uint64_t nth, Fails fails) {
  const TemporaryFolder folder;
  const std::filesystem::path file = copy_into(folder);
  Trial trial;
  std::map<std::string, std::string> left;
  {
    WatchedDisk disk;
    ShopFile shop(file);
    checkpoint_often(shop);
    trial.seen.acknowledged = ids_of(shop);
    disk.fail(call, nth, fails, code);
    run_load(shop, trial.seen);
    trial.has_failed = disk.failures() > 0;
    disk.heal();
    look_after(shop, trial.seen);
    DiskImage image(disk.history());
    while (image.advance()) continue;
    std::mt19937_64 random(1);
    left = image.after({.kind = Damage::Kind::all_lost}, random);
  }
  // And now the power fails as well.
  const TemporaryFolder after;
  write_files(after.path(), left);
  try {
    ShopFile shop(after / "aforro.db");
    if (ids_of(shop) != trial.seen.acknowledged) note(trial.seen, "a power cut loses an acknowledged order");
    look_after(shop, trial.seen);
  } catch (const std::exception& fault) {
    note(trial.seen, std::string("after a power cut: ") + fault.what());
  }
  return trial;
}

Trial fail_memory(FailingMemory& memory, std::uint64_t nth, Fails fails) {
  const TemporaryFolder folder;
  Trial trial;
  ShopFile shop(copy_into(folder));
  checkpoint_often(shop);
  trial.seen.acknowledged = ids_of(shop);
  memory.fail(nth, fails);
  run_load(shop, trial.seen);
  trial.has_failed = memory.failures() > 0;
  memory.heal();
  look_after(shop, trial.seen);
  return trial;
}

struct Tally {
  std::size_t trials = 0;
  std::size_t refusing = 0;  // trials in which somebody was refused
  std::string first_wrong;
};

// About one in so many is tried.
struct Stride {
  std::size_t of_few;
  std::size_t of_most = 1;

  std::size_t wanted() const {
    return faults_wanted() == "all" ? 1 : faults_wanted() == "most" ? of_most : of_few;
  }
};

// Calls trial(n) for n from 1 until nothing fails any more.
Tally try_each(Stride strides, const std::function<Trial(std::uint64_t nth)>& trial) {
  const std::size_t stride = strides.wanted();
  const std::uint64_t seed = seed_of_run();
  std::mt19937_64 choice(seed);
  std::printf("seed %llu, ", static_cast<unsigned long long>(seed));
  Tally tally;
  for (std::uint64_t nth = 1;; nth += stride == 1 ? 1 : 1 + choice() % (2 * stride)) {
    const Trial tried = trial(nth);
    ++tally.trials;
    if (tally.first_wrong.empty() && !tried.seen.wrong.empty()) {
      tally.first_wrong = "the " + std::to_string(nth) + "th: " + tried.seen.wrong;
    }
    if (!tried.has_failed) return tally;
    tally.refusing += tried.seen.unavailable > 0 ? 1 : 0;
  }
}

void check_disk(std::string_view name, DiskCall call, int code, std::size_t stride) {
  for (const Fails fails : {Fails::once, Fails::from_then_on}) {
    const Tally tally =
        try_each({stride}, [&](std::uint64_t nth) { return fail_disk(call, code, nth, fails); });
    std::printf("%s failing %s: %zu trials, %zu with refusals\n", std::string(name).c_str(),
                fails == Fails::once ? "once" : "for a while", tally.trials, tally.refusing);
    CAPTURE(name);
    CHECK(tally.first_wrong == "");
    CHECK(tally.trials > 1);
    if (fails == Fails::from_then_on) CHECK(tally.refusing > 0);
  }
}

TEST_CASE("a read that fails is refused or tried again, never answered wrongly") {
  check_disk("a read", DiskCall::read, SQLITE_IOERR_READ, 5);
}

TEST_CASE("a write that fails acknowledges nothing that is not there") {
  check_disk("a write", DiskCall::write, SQLITE_IOERR_WRITE, 30);
  check_disk("a write to a full disk", DiskCall::write, SQLITE_FULL, 30);
}

TEST_CASE("an order whose log could not be synced is not called undone: a kill may bring it back") {
  const TemporaryFolder folder;
  const TemporaryFolder after;
  std::size_t before = 0;
  {
    WatchedDisk disk;
    ShopFile shop(copy_into(folder));
    shop.place(100);  // so that the log has been begun, and it is the order's own sync that fails
    before = ids_of(shop).size();
    disk.fail(DiskCall::sync, 1, Fails::from_then_on, SQLITE_IOERR_FSYNC);

    CHECK_THROWS_AS(shop.place(101), OutcomeUnknown);

    CHECK(ids_of(shop).size() == before);
    for (const char* const name : {"aforro.db", "aforro.db-wal"}) {  // all that outlives the process
      std::filesystem::copy_file(folder / name, after / name);
    }
    disk.heal();
    CHECK_NOTHROW(shop.place(102));
    CHECK(ids_of(shop).size() == before + 1);
  }
  ShopFile shop(after / "aforro.db");
  CHECK(ids_of(shop).size() == before + 1);
}

TEST_CASE("a sync that fails acknowledges nothing, and what is acknowledged later is on the disk") {
  check_disk("a sync", DiskCall::sync, SQLITE_IOERR_FSYNC, 3);
}

TEST_CASE("locks and sizes that fail turn orders away and do no harm") {
  check_disk("a lock", DiskCall::lock, SQLITE_IOERR_LOCK, 20);
  check_disk("a size", DiskCall::size, SQLITE_IOERR_FSTAT, 3);
}

// The n-th call fails while a shop is made, or one that is there is opened, and closed again.
Trial fail_opening(bool is_there, DiskCall call, int code, std::uint64_t nth) {
  const TemporaryFolder folder;
  const std::filesystem::path file = is_there ? copy_into(folder) : folder / "aforro.db";
  Trial trial;
  WatchedDisk disk;
  disk.fail(call, nth, Fails::once, code);
  try {
    const ShopFile shop(file);
  } catch (const std::exception&) {
    // Not always as unavailable: where a connection cannot look whether its idea of the tables is still
    // right, SQLite itself says that there is no such table.
    ++trial.seen.unavailable;
  }
  trial.has_failed = disk.failures() > 0;
  disk.heal();
  try {
    ShopFile shop(file);
    trial.seen.acknowledged = ids_of(shop);
    if (trial.seen.acknowledged.size() != (is_there ? 10 : 0)) note(trial.seen, "orders were lost");
    look_after(shop, trial.seen);
  } catch (const std::exception& fault) {
    note(trial.seen, std::string("not opened again: ") + fault.what());
  }
  return trial;
}

TEST_CASE("a shop that cannot be made or opened for a fault of the disk can once that has passed") {
  struct Call {
    std::string_view name;
    DiskCall call;
    int code;
  };
  constexpr Call kCalls[] = {{"read", DiskCall::read, SQLITE_IOERR_READ},
                             {"write", DiskCall::write, SQLITE_IOERR_WRITE},
                             {"sync", DiskCall::sync, SQLITE_IOERR_FSYNC},
                             {"truncate", DiskCall::truncate, SQLITE_IOERR_TRUNCATE},
                             {"size", DiskCall::size, SQLITE_IOERR_FSTAT},
                             {"open", DiskCall::open, SQLITE_CANTOPEN},
                             {"remove", DiskCall::remove, SQLITE_IOERR_DELETE},
                             {"lock", DiskCall::lock, SQLITE_IOERR_LOCK},
                             {"shared memory", DiskCall::shared_memory, SQLITE_IOERR_SHMMAP}};
  for (const bool is_there : {false, true}) {
    for (const Call& call : kCalls) {
      const Tally tally = try_each(
          {10}, [&](std::uint64_t nth) { return fail_opening(is_there, call.call, call.code, nth); });
      std::printf("a %s failing while a shop is %s: %zu trials, %zu with refusals\n",
                  std::string(call.name).c_str(), is_there ? "opened" : "made", tally.trials, tally.refusing);
      CAPTURE(call.name);
      CAPTURE(is_there);
      CHECK(tally.first_wrong == "");
      if (!is_there) CHECK(tally.trials > 1);
    }
  }
}

TEST_CASE("memory that runs out turns orders away and does no harm") {
  FailingMemory memory;
  original();
  // SQLite asks for thousands of pieces.
  constexpr Stride kSome{.of_few = 60, .of_most = 3};
  for (const Fails fails : {Fails::once, Fails::from_then_on}) {
    const Tally tally = try_each(kSome, [&](std::uint64_t nth) { return fail_memory(memory, nth, fails); });
    std::printf("memory failing %s: %zu trials, %zu with refusals\n",
                fails == Fails::once ? "once" : "for a while", tally.trials, tally.refusing);
    CHECK(tally.first_wrong == "");
    CHECK(tally.trials > 1);
    // SQLite 3.46 gets by when it fails once.
    if (fails == Fails::from_then_on || sqlite3_libversion_number() < 3'046'000) CHECK(tally.refusing > 0);
  }
}

}  // namespace

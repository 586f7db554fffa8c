#include "support/failing_memory.h"

#include <sqlite3.h>

#include <atomic>
#include <limits>
#include <stdexcept>

namespace aforro::test {
namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

// SQLite hands its memory's functions nothing of ours, so this is where they look.
sqlite3_mem_methods real;
std::atomic<std::uint64_t> asked{0};
std::atomic<std::uint64_t> first{kNever};
std::atomic<std::uint64_t> last{0};
std::atomic<std::uint64_t> failed{0};

bool is_refused() {
  const std::uint64_t number = ++asked;
  const bool is_refused = number >= first && number <= last;
  if (is_refused) ++failed;
  return is_refused;
}

void* give(int bytes) { return is_refused() ? nullptr : real.xMalloc(bytes); }
void* give_other(void* old, int bytes) { return is_refused() ? nullptr : real.xRealloc(old, bytes); }

// Takes effect only while SQLite is down; it starts by itself when it is next used.
void install(sqlite3_mem_methods methods) {
  sqlite3_shutdown();
  if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK)
    throw std::runtime_error("SQLite takes no other memory");
}

}  // namespace

FailingMemory::FailingMemory() {
  heal();
  sqlite3_initialize();  // which chooses a memory
  sqlite3_shutdown();
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK)
    throw std::runtime_error("SQLite does not show its memory");
  sqlite3_mem_methods failing = real;
  failing.xMalloc = give;
  failing.xRealloc = give_other;
  install(failing);
}

FailingMemory::~FailingMemory() {
  heal();
  sqlite3_shutdown();
  sqlite3_config(SQLITE_CONFIG_MALLOC, &real);
}

void FailingMemory::fail(std::uint64_t nth, Fails fails) {
  failed = 0;
  first = kNever;
  asked = 0;
  last = fails == Fails::from_then_on ? kNever : nth;
  first = nth;
}

void FailingMemory::heal() { first = kNever; }

std::uint64_t FailingMemory::failures() const { return failed; }

}  // namespace aforro::test

// Takes the place of malloc() and its like in the program that this is linked into, which glibc allows, and
// hands everything on to glibc's own under their other names.
#include "support/peak_memory.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace {

std::atomic<bool> counts{false};
std::atomic<std::int64_t> held{0};  // may fall below 0: what is freed may be older than the counting
std::atomic<std::int64_t> peak{0};

}  // namespace

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

void add(void* memory) {
  if (memory == nullptr || !counts.load(std::memory_order_relaxed)) return;
  const std::int64_t now = held += static_cast<std::int64_t>(::malloc_usable_size(memory));
  std::int64_t before = peak;
  while (before < now && !peak.compare_exchange_weak(before, now)) {
  }
}

void remove(void* memory) {
  if (memory == nullptr || !counts.load(std::memory_order_relaxed)) return;
  held -= static_cast<std::int64_t>(::malloc_usable_size(memory));
}

}  // namespace

// NOLINTBEGIN: their names and their types are glibc's
extern "C" {

void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* memory, std::size_t bytes);
void __libc_free(void* memory);

void* malloc(std::size_t bytes) {
  void* const memory = __libc_malloc(bytes);
  add(memory);
  return memory;
}

void* calloc(std::size_t count, std::size_t bytes) {
  void* const memory = __libc_calloc(count, bytes);
  add(memory);
  return memory;
}

// Old and new may be there at the same time.
void* realloc(void* memory, std::size_t bytes) {
  const std::size_t before = memory == nullptr ? 0 : ::malloc_usable_size(memory);
  void* const moved = __libc_realloc(memory, bytes);
  if (moved == nullptr && bytes > 0) return nullptr;
  add(moved);
  if (counts.load(std::memory_order_relaxed)) held -= static_cast<std::int64_t>(before);
  return moved;
}

void free(void* memory) {
  remove(memory);
  __libc_free(memory);
}

}  // extern "C"
// NOLINTEND

#endif

namespace aforro::test {

PeakMemory::PeakMemory() {
  held = 0;
  peak = 0;
  counts = true;
}

PeakMemory::~PeakMemory() { counts = false; }

std::size_t PeakMemory::bytes() const {
  return static_cast<std::size_t>(std::max<std::int64_t>(0, peak.load()));
}

}  // namespace aforro::test

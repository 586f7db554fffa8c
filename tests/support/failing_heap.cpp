#include "support/failing_heap.h"

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>

namespace aforro::test {
namespace {

struct Plan {
  std::uint64_t asked = 0;
  std::uint64_t first = 0;  // 0: none is refused
  std::uint64_t last = 0;
  std::uint64_t failed = 0;
};
thread_local Plan plan;

void* allocate(std::size_t bytes, std::size_t alignment) {
  if (plan.first > 0) {
    ++plan.asked;
    if (plan.asked >= plan.first && plan.asked <= plan.last) {
      ++plan.failed;
      return nullptr;
    }
  }
  if (bytes == 0) bytes = 1;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(bytes);
  return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

}  // namespace

FailingHeap::FailingHeap(std::uint64_t nth, Fails fails) {
  fail(nth, fails == Fails::once ? nth : std::numeric_limits<std::uint64_t>::max());
}

FailingHeap::~FailingHeap() { plan = {}; }

void FailingHeap::fail(std::uint64_t nth, std::uint64_t last) { plan = {.first = nth, .last = last}; }

bool FailingHeap::has_failed() const { return plan.failed > 0; }

}  // namespace aforro::test

namespace {

void* allocate_or_throw(std::size_t bytes, std::size_t alignment) {
  void* const memory = aforro::test::allocate(bytes, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// All forms: a sanitizer has forms of its own, which don't go together with some of these.
void* operator new(std::size_t bytes) { return allocate_or_throw(bytes, 1); }
void* operator new[](std::size_t bytes) { return allocate_or_throw(bytes, 1); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return allocate_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return aforro::test::allocate(bytes, 1);
}
void* operator new[](std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return aforro::test::allocate(bytes, 1);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*bytes*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t /*bytes*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*bytes*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t /*bytes*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }

// The memory that C++ asks for by `new`, on the thread that made this: given as ever, or refused by
// std::bad_alloc as told. A program that links this has its operators in place of the library's.
#pragma once

#include <cstdint>

#include "support/fails.h"

namespace aforro::test {

class FailingHeap {
 public:
  // Refuses the n-th piece of memory that this thread asks for from now on (1: the next).
  explicit FailingHeap(std::uint64_t nth, Fails fails = Fails::once);
  FailingHeap(const FailingHeap&) = delete;
  FailingHeap& operator=(const FailingHeap&) = delete;
  ~FailingHeap();  // heals it

  // Refuses the n-th to the last-th piece that this thread asks for, until it has; nobody need heal it.
  static void fail(std::uint64_t nth, std::uint64_t last);

  bool has_failed() const;
};

}  // namespace aforro::test

// The memory that SQLite asks for, while this lives: given as ever, or refused as told. To be made and to go
// while no database is open. One at a time.
#pragma once

#include <cstdint>

#include "support/fails.h"

namespace aforro::test {

class FailingMemory {
 public:
  FailingMemory();
  FailingMemory(const FailingMemory&) = delete;
  FailingMemory& operator=(const FailingMemory&) = delete;
  ~FailingMemory();

  // Refuses the n-th piece of memory asked for from now on (1: the next).
  void fail(std::uint64_t nth, Fails fails);
  void heal();
  std::uint64_t failures() const;
};

}  // namespace aforro::test

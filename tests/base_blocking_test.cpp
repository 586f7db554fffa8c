#include "base/blocking.h"

#include <doctest/doctest.h>

namespace {

struct Counter final : aforro::BlockingHook {
  int told = 0;
  void about_to_block() noexcept override { ++told; }
};

TEST_CASE("who runs a thread is told of what it waits for, and nobody once that has ended") {
  Counter outer;
  Counter inner;
  aforro::about_to_block();
  {
    const aforro::BlockingHookScope scope(outer);
    aforro::about_to_block();
    {
      const aforro::BlockingHookScope within(inner);
      aforro::about_to_block();
    }
    aforro::about_to_block();
  }
  aforro::about_to_block();

  CHECK(outer.told == 2);
  CHECK(inner.told == 1);
}

}  // namespace

#include "base/blocking.h"

#include <doctest/doctest.h>

#include <thread>

namespace {

using aforro::Completion;

struct Counter final : aforro::BlockingHook {
  int told = 0;
  int suspended = 0;
  int resumed = 0;
  bool may_wait() noexcept override { return true; }
  void about_to_block() noexcept override { ++told; }
  void suspend() noexcept override { ++suspended; }
  void resume() noexcept override { ++resumed; }
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

TEST_CASE("a thread waits until another has completed what it waits for, and sees what that one did") {
  int done = 0;
  Completion completion;
  std::thread other([&] {
    done = 1;
    completion.complete();
  });
  completion.wait();
  CHECK(done == 1);
  other.join();

  Completion before;
  before.complete();
  before.wait();
}

TEST_CASE("under a hook it is the hook that waits, whoever completes") {
  Counter hook;
  {
    const aforro::BlockingHookScope scope(hook);
    Completion completion;
    std::thread other([&] { completion.complete(); });
    completion.wait();
    other.join();
  }
  CHECK(hook.suspended == 1);
  CHECK(hook.resumed == 1);
  CHECK(hook.told == 0);
}

}  // namespace

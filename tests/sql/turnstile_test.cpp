#include "sql/turnstile.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "base/blocking.h"
#include "support/wait_until.h"

namespace {

using namespace std::chrono_literals;
using aforro::BlockingHook;
using aforro::BlockingHookScope;
using aforro::sql::Turnstile;
using aforro::test::wait_until;

Turnstile::TimePoint in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

// Says when the thread that has it gives up its turn.
class Watch final : public BlockingHook {
 public:
  explicit Watch(std::atomic<bool>& waits) : waits_(waits) {}
  bool may_wait() noexcept override { return true; }
  void about_to_block() noexcept override { waits_ = true; }
  void suspend() noexcept override {}
  void resume() noexcept override {}

 private:
  std::atomic<bool>& waits_;
  const BlockingHookScope scope_{*this};
};

// A thread that has given up its turn to wait at a turnstile, until it has gone through.
class Waiting {
 public:
  Waiting(Turnstile& turnstile, std::chrono::milliseconds patience, std::vector<int>& through, int number)
      : thread_([&turnstile, patience, &through, number, this] {
          const Watch watch(waits_);
          if (!turnstile.enter(in(patience))) return;
          through.push_back(number);  // by one at a time: there is room for one
          turnstile.leave();
        }) {
    wait_until([this] { return waits_.load(); });
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() { thread_.join(); }

 private:
  std::atomic<bool> waits_ = false;
  std::thread thread_;
};

}  // namespace

TEST_CASE("so many come through a turnstile as there is room, the next when one leaves") {
  Turnstile turnstile(2);
  REQUIRE(turnstile.enter(in(0ms)));
  REQUIRE(turnstile.enter(in(0ms)));
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(turnstile.enter(in(20ms)));
  CHECK(std::chrono::steady_clock::now() - begin >= 20ms);
  turnstile.leave();
  CHECK(turnstile.enter(in(0ms)));
  CHECK_THROWS_AS(Turnstile::Inside(turnstile, in(0ms), "full"), aforro::Unavailable);
  turnstile.leave();
  turnstile.leave();
  const Turnstile::Inside one(turnstile, in(0ms), "full");
  const Turnstile::Inside other(turnstile, in(0ms), "full");
}

TEST_CASE("those who wait at a turnstile come through in their order, past any that gave up") {
  for (const int impatient : {0, 2, 4}) {
    Turnstile turnstile(1);
    REQUIRE(turnstile.enter(in(0ms)));
    std::vector<int> through;
    {
      std::vector<std::unique_ptr<Waiting>> waiting;
      waiting.reserve(5);
      for (int i = 0; i < 5; ++i) {
        waiting.push_back(std::make_unique<Waiting>(turnstile, i == impatient ? 1ms : 1min, through, i));
      }
      waiting[static_cast<std::size_t>(impatient)].reset();
      CHECK(through.empty());
      turnstile.leave();
    }
    std::vector<int> expected{0, 1, 2, 3, 4};
    std::erase(expected, impatient);
    CHECK(through == expected);
    CHECK(turnstile.enter(in(0ms)));
  }
}

TEST_CASE("who leaves a turnstile and comes back stands behind those who wait") {
  Turnstile turnstile(1);
  REQUIRE(turnstile.enter(in(0ms)));
  std::vector<int> through;
  const Waiting waiting(turnstile, 1min, through, 1);
  turnstile.leave();
  REQUIRE(turnstile.enter(in(1min)));
  CHECK(through == std::vector{1});
  turnstile.leave();
}

TEST_CASE("of many threads at a turnstile none is forgotten") {
  constexpr int kRoom = 3;
  Turnstile turnstile(kRoom);
  std::atomic<int> inside = 0;
  std::atomic<int> came = 0;
  std::vector<std::thread> threads;
  threads.reserve(16);
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 300; ++round) {
        if (!turnstile.enter(in(i % 4 == 0 ? 0ms : 60'000ms))) continue;
        CHECK(++inside <= kRoom);
        if (i % 4 != 0) ++came;
        if (round % 8 == 0) std::this_thread::yield();
        --inside;
        turnstile.leave();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(came == 12 * 300);
  for (int i = 0; i < kRoom; ++i) CHECK(turnstile.enter(in(0ms)));
  CHECK_FALSE(turnstile.enter(in(0ms)));
}

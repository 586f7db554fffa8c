// Nothing depends on the sweep being in time: a reservation past its time reads as expired, and an order that
// needs its stock expires it first. So a fault only delays it, and any number of servers may sweep at once.
#include "shop/sweeper.h"

#include <chrono>
#include <exception>

namespace aforro::shop {
namespace {

constexpr std::chrono::milliseconds kLookEvery{250};
constexpr std::int64_t kAtOnce = 100;

}  // namespace

Sweeper::Sweeper(OrderBook& orders, Log& log) : orders_(orders), log_(log), thread_([this] { work(); }) {}

Sweeper::~Sweeper() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

bool Sweeper::is_stopped_within(std::chrono::milliseconds pause) {
  const auto until = std::chrono::steady_clock::now() + pause;
  const Lock lock(mutex_);
  while (!stopping_ && stopped_.wait_until(mutex_, until)) {
  }
  return stopping_;
}

void Sweeper::work() {
  std::chrono::milliseconds pause{0};  // what earlier processes left comes first
  while (!is_stopped_within(pause)) {
    try {
      pause = orders_.expire_due(kAtOnce) > 0 ? std::chrono::milliseconds{0} : kLookEvery;
    } catch (const std::exception& fault) {
      // Nothing is lost: what is due stays due, and reads as expired.
      log_.error("sweep_unavailable", {{"error", fault.what()}});
      pause = kLookEvery;
    }
  }
}

}  // namespace aforro::shop

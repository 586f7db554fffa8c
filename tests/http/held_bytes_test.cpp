#include "http/held_bytes.h"

#include <doctest/doctest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using aforro::http::HeldBytes;
using Answer = std::shared_ptr<const std::string>;

constexpr std::size_t kKiB = 1024;

HeldBytes::TimePoint at(std::chrono::seconds second) { return HeldBytes::TimePoint(second + 1'000s); }

Answer answer(std::size_t bytes) { return std::make_shared<const std::string>(std::string(bytes, 'x')); }

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): nothing derives from it
class Client final : public HeldBytes::Holder {
 public:
  explicit Client(HeldBytes& all) : share(all, *this) {}

  void let_go() noexcept override { was_let_go = true; }

  // Has sent so much of a request and waits, since it began.
  bool sends(std::size_t bytes, std::chrono::seconds since, std::chrono::seconds now) {
    if (!share.collect(bytes, at(since), at(now))) return false;
    share.wait();
    return true;
  }
  void takes(const Answer& answer, std::chrono::seconds since, std::chrono::seconds now) {
    share.send(0, answer, at(since), at(now));
    answer_ = answer;
  }

  std::atomic<bool> was_let_go = false;
  HeldBytes::Share share;

 private:
  Answer answer_;
};

class Clients {
 public:
  explicit Clients(std::size_t max_bytes) : all(max_bytes) {}
  Client& operator[](std::size_t index) {
    while (clients_.size() <= index) clients_.emplace_back(all);
    return clients_[index];
  }
  // Which were let go, by their numbers.
  std::vector<std::size_t> gone() const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (clients_[i].was_let_go) found.push_back(i);
    }
    return found;
  }

  HeldBytes all;

 private:
  std::deque<Client> clients_;
};

using Numbers = std::vector<std::size_t>;

TEST_CASE("what is held is counted, and given back") {
  Clients clients(100 * kKiB);
  CHECK(clients[0].sends(10 * kKiB, 0s, 0s));
  CHECK(clients[1].sends(20 * kKiB, 0s, 1s));
  CHECK(clients.all.total() == 30 * kKiB);
  CHECK(clients[0].share.take());
  CHECK(clients[0].sends(15 * kKiB, 0s, 2s));
  CHECK(clients.all.total() == 35 * kKiB);
  CHECK(clients[0].share.take());
  clients[0].takes(answer(40 * kKiB), 3s, 3s);
  CHECK(clients.all.total() == 60 * kKiB);
  clients[0].share.release();
  CHECK(clients.all.total() == 20 * kKiB);
  clients[1].share.release();
  clients[1].share.release();
  CHECK(clients.all.total() == 0);
  CHECK(clients.gone().empty());
}

TEST_CASE("an answer that many send counts once, until the last has it") {
  Clients clients(100 * kKiB);
  const Answer shared = answer(90 * kKiB);
  for (std::size_t i = 0; i < 1'000; ++i) clients[i].takes(shared, 0s, 1s);
  CHECK(clients.all.total() == shared->capacity());
  for (std::size_t i = 0; i < 999; ++i) clients[i].share.release();
  CHECK(clients.all.total() == shared->capacity());
  clients[999].share.release();
  CHECK(clients.all.total() == 0);
  CHECK(clients.gone().empty());
}

TEST_CASE("over the bound who holds most for longest is let go, and no more than needed") {
  Clients clients(100 * kKiB);
  clients[0].takes(answer(10 * kKiB), 0s, 0s);
  clients[1].takes(answer(40 * kKiB), 5s, 5s);
  clients[2].takes(answer(40 * kKiB), 6s, 6s);
  CHECK(clients[3].sends(30 * kKiB, 9s, 9s));
  CHECK(clients.gone() == Numbers{1});
  CHECK(clients[4].sends(20 * kKiB, 1'000s, 1'000s));
  CHECK(clients.gone() == Numbers{1});
  CHECK(clients[5].sends(20 * kKiB, 1'000s, 1'000s));
  CHECK(clients.gone() == Numbers{1, 2});
  CHECK(clients.all.total() <= 100 * kKiB);
  CHECK(!clients[1].share.take());
  CHECK(clients[1].share.take());  // it holds nothing
}

TEST_CASE("a little held for very long goes before much that has only just come") {
  Clients clients(100 * kKiB);
  CHECK(clients[0].sends(20 * kKiB, 0s, 0s));
  CHECK(clients[1].sends(70 * kKiB, 1'000s, 1'000s));
  CHECK(clients[2].sends(20 * kKiB, 1'000s, 1'000s));
  CHECK(clients.gone() == Numbers{0});
}

TEST_CASE("those who share an answer hold a part of it each, and go after those who don't") {
  Clients clients(100 * kKiB);
  const Answer shared = answer(50 * kKiB);
  for (std::size_t i = 0; i < 50; ++i) clients[i].takes(shared, 0s, 0s);
  for (std::size_t i = 50; i < 60; ++i) clients[i].takes(answer(20 * kKiB), std::chrono::seconds(i), 100s);
  CHECK(clients.gone() == Numbers{50, 51, 52, 53, 54, 55, 56, 57});
  CHECK(clients.all.total() <= 100 * kKiB);
}

TEST_CASE("two who share what they made the server hold are no better off") {
  Clients clients(100 * kKiB);
  const Answer shared = answer(60 * kKiB);
  clients[0].takes(shared, 0s, 0s);
  clients[1].takes(shared, 0s, 0s);
  CHECK(clients[2].sends(30 * kKiB, 30s, 30s));
  CHECK(clients[3].sends(30 * kKiB, 31s, 31s));
  CHECK(clients.gone() == Numbers{0, 1});
}

TEST_CASE("who is being answered is not let go; what then doesn't fit is refused and nothing else changes") {
  Clients clients(100 * kKiB);
  CHECK(clients[0].share.collect(60 * kKiB, at(0s), at(0s)));  // and is at work
  CHECK(clients[1].sends(30 * kKiB, 1s, 1s));
  CHECK(!clients[2].sends(50 * kKiB, 2s, 2s));
  CHECK(clients.gone() == Numbers{1});
  CHECK(clients.all.total() == 60 * kKiB);
  CHECK(clients[2].sends(40 * kKiB, 2s, 3s));
  CHECK(clients[2].share.take());
  CHECK(!clients[2].sends(41 * kKiB, 2s, 4s));
  CHECK(clients.all.total() == 100 * kKiB);
  // An answer is sent all the same; whoever comes next finds it waiting.
  clients[3].takes(answer(50 * kKiB), 5s, 5s);
  CHECK(clients.gone() == Numbers{1});
  clients[2].share.release();
  clients[4].takes(answer(10 * kKiB), 6s, 6s);
  CHECK(clients.gone() == Numbers{1, 3});
  CHECK(clients.all.total() <= 100 * kKiB);
}

TEST_CASE("whom to let go is found at a cost that does not grow with the number of clients") {
  constexpr std::size_t kClients = 100'000;
  Clients clients(kClients * kKiB);
  for (std::size_t i = 0; i < kClients; ++i) REQUIRE(clients[i].sends(kKiB, std::chrono::seconds(i), 0s));
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < 10'000; ++i) REQUIRE(clients[kClients + i].sends(kKiB, 200'000s, 200'000s));
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took < 2s);  // to look at all of them 10,000 times takes a hundred times as long at least
  const Numbers gone = clients.gone();
  REQUIRE(gone.size() == 10'000);
  CHECK(gone.back() == 9'999);
}

TEST_CASE("many threads may hold, share and let go at once, and nothing is left when all have given back") {
  constexpr std::size_t kBound = 200 * kKiB;
  HeldBytes all(kBound);
  const Answer shared = answer(20 * kKiB);
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      std::deque<Client> clients;
      for (int i = 0; i < 20; ++i) clients.emplace_back(all);
      for (std::size_t i = 0; i < 5'000; ++i) {
        Client& client = clients[(i * 7 + thread) % clients.size()];
        if (!client.share.take()) client.was_let_go = false;
        const auto now = std::chrono::seconds(i);
        switch (i % 4) {
          case 0:
            client.takes(shared, now, now);
            break;
          case 1:
            client.takes(answer(10 * kKiB), now, now);
            break;
          case 2:
            client.sends((i % 13) * kKiB, now, now);
            break;
          default:
            client.share.release();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(all.total() == 0);
}

}  // namespace

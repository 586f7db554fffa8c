// Servers are killed (SIGKILL) again and again while they work off the confirmations of many orders: none is
// lost, and all that comes twice has the id of the first time. AFORRO_JOB_KILLS=COUNT,JOBS says how often and
// of how many jobs; the seed of the choices is printed, and AFORRO_SEED gives it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"
#include "shop/order_book.h"
#include "support/confirmations.h"
#include "support/database_file.h"
#include "support/engine.h"
#include "support/on_threads.h"
#include "support/program.h"
#include "support/seed.h"
#include "support/server.h"
#include "support/shop.h"
#include "support/test_database.h"
#include "support/wait_until.h"

namespace {

using namespace aforro::test;  // NOLINT

constexpr int kPatienceMs = 2'000;
constexpr int kPipeBytes = 4096;  // the smallest there is
constexpr std::int64_t kLinesInPipe = 30;

struct Size {
  int kills = 6;
  int jobs = 600;
};

Size size_wanted() {
  Size size;
  if (const char* const text = std::getenv("AFORRO_JOB_KILLS")) {
    REQUIRE(std::sscanf(text, "%d,%d", &size.kills, &size.jobs) == 2);
  }
  return size;
}

// Orders that are confirmed while no worker runs.
void place_orders(const Shop& shop, int count) {
  constexpr int kThreads = 8;
  const aforro::SystemClock clock;
  const auto database = open_database(shop.database());
  aforro::shop::OrderBook orders(*database, clock, [] {});
  const aforro::shop::StoreId north(shop.store("North"));
  const std::array lines{aforro::shop::BasketLine{aforro::shop::ProductId(shop.product("CAT")), 1}};
  const auto basket = aforro::shop::Basket::of(lines);
  on_threads(kThreads, [&](int thread) {
    for (int i = thread; i < count; i += kThreads) orders.place(north, basket, std::nullopt);
  });
}

// A server whose log goes to a pipe of kLinesInPipe: it never gets further ahead of whoever reads.
// What a server says on standard output once it serves. From then on SIGTERM has it end by itself; before, it
// is the end at once.
class Greeting {
 public:
  Greeting() { REQUIRE(::pipe2(ends_, O_CLOEXEC) == 0); }
  Greeting(const Greeting&) = delete;
  Greeting& operator=(const Greeting&) = delete;
  ~Greeting() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }

  int output() const { return ends_[1]; }
  bool comes() const {
    pollfd waiting{ends_[0], POLLIN, 0};
    return ::poll(&waiting, 1, kPatienceMs) == 1;
  }

 private:
  int ends_[2];
};

class Sender {
 public:
  // Is to be killed when that many messages have come.
  Sender(const Location& database, std::size_t messages);
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;
  ~Sender() { ::close(log_); }

  int log_file() const { return log_; }
  const std::string& log() const { return text_; }
  std::size_t messages() const { return confirmations_in(text_).size(); }
  bool is_due() const { return messages() >= due_; }
  bool is_alive() const { return is_alive_; }

  // Takes some of what has come; false if nothing has.
  bool read();
  // What it had written by then has come, too.
  void kill();
  // Asks it to end once it serves, reading nothing until it has. Its exit status.
  std::optional<int> stop();

 private:
  int log_ = -1;
  std::size_t due_;
  std::string text_;
  bool is_alive_ = true;
  Greeting greeting_;
  std::unique_ptr<Process> process_;
};

Sender::Sender(const Location& database, std::size_t messages) : due_(messages) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  REQUIRE(::fcntl(ends[0], F_SETPIPE_SZ, kPipeBytes) == kPipeBytes);
  REQUIRE(::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);  // the reading end alone
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  process_ =
      std::make_unique<Process>(std::vector<std::string>{program_path().string(), "serve", "--listen",
                                                         "127.0.0.1:0", "--database", database.string()},
                                Setting{}, nothing, greeting_.output(), ends[1]);
  ::close(nothing);
  ::close(ends[1]);
  log_ = ends[0];
}

bool Sender::read() {
  char piece[kPipeBytes];
  const ssize_t got = ::read(log_, piece, sizeof piece);
  if (got > 0) text_.append(piece, static_cast<std::size_t>(got));
  return got > 0;
}

void Sender::kill() {
  process_->signal(SIGKILL);
  CHECK(process_->wait(std::chrono::minutes(1)) == -SIGKILL);
  is_alive_ = false;
  while (read()) {
  }
}

std::optional<int> Sender::stop() {
  REQUIRE(greeting_.comes());
  process_->signal(SIGTERM);
  const std::optional<int> status = process_->wait(std::chrono::minutes(1));
  is_alive_ = false;
  while (read()) {
  }
  return status;
}

// True once one of those that live has written something; false if none lives, or if nothing is left to be
// written.
bool wait_for_any(const std::vector<std::unique_ptr<Sender>>& senders) {
  std::vector<pollfd> logs;
  for (const auto& sender : senders) {
    if (sender->is_alive()) logs.push_back({sender->log_file(), POLLIN, 0});
  }
  return !logs.empty() && ::poll(logs.data(), logs.size(), kPatienceMs) > 0;
}

// Servers that work off the jobs of one database, all of them killed again and again.
class Trial {
 public:
  Trial(std::uint64_t seed, int jobs);

  // Starts them, kills them one after the other at moments of chance, and lets what they had leased come
  // back.
  void go_round(std::int64_t kills_to_come);
  // The last one is left alone until nothing is left to do. `arguments` are for `aforro serve`.
  void finish(const std::vector<std::string>& arguments = {});

  void add_sent(const std::string& log);

  // The orders that were told so far, by id, and whose confirmation was wanted.
  std::vector<std::int64_t> told() const;
  std::vector<std::int64_t> confirmed() const;

  std::int64_t left() const { return jobs_left(shop_.database()); }
  std::int64_t kills() const { return kills_; }
  std::int64_t leases_lost() const { return leases_lost_; }
  const std::map<std::int64_t, int>& sent() const { return sent_; }
  Shop& shop() { return shop_; }

 private:
  Shop shop_;
  std::mt19937_64 random_;
  std::int64_t kills_ = 0;  // of servers that had begun to send, before all was sent
  std::int64_t leases_lost_ = 0;
  std::map<std::int64_t, int> sent_;
};

Trial::Trial(std::uint64_t seed, int jobs) : random_(seed) {
  import_inventory(shop_.database(), "store,sku,quantity\nNorth,CAT,1000000\n");
  shop_.server().kill();
  place_orders(shop_, jobs);
}

void Trial::go_round(std::int64_t kills_to_come) {
  const std::size_t count = shop_.database().is_postgres() ? 2 : 1;
  // So many are sent before a kill that there is work for all that are to come.
  const std::int64_t fair = std::max<std::int64_t>(1, left() / kills_to_come - kLinesInPipe);
  std::vector<std::unique_ptr<Sender>> senders;
  for (std::size_t i = 0; i < count; ++i) {
    senders.push_back(
        std::make_unique<Sender>(shop_.database(), 1 + random_() % static_cast<std::size_t>(fair)));
  }
  while (wait_for_any(senders)) {
    for (const auto& sender : senders) {
      if (!sender->is_alive()) continue;
      sender->read();
      if (!sender->is_due()) continue;
      // A moment longer, which nothing that happens in the server decides.
      std::this_thread::sleep_for(std::chrono::microseconds(random_() % 1'000));
      sender->kill();
    }
  }
  std::int64_t at_work = 0;
  for (const auto& sender : senders) {
    if (sender->is_alive()) sender->kill();
    at_work += sender->messages() > 0 ? 1 : 0;
    add_sent(sender->log());
  }
  LeftSessions(shop_.database()).wait();
  if (left() > 0) kills_ += at_work;
  leases_lost_ += let_leases_end(shop_.database());  // nobody is left who could hold one
}

void Trial::finish(const std::vector<std::string>& arguments) {
  Server server(shop_.database(), arguments);
  CHECK(wait_until([&] { return left() == 0; }, std::chrono::minutes(1)));
  CHECK(server.stop() == 0);
  add_sent(server.log());
}

void Trial::add_sent(const std::string& log) {
  for (const auto& [order, times] : confirmations_in(log)) sent_[order] += times;
}

std::vector<std::int64_t> Trial::told() const {
  std::vector<std::int64_t> orders;
  for (const auto& [order, times] : sent_) orders.push_back(order);
  return orders;
}

std::vector<std::int64_t> Trial::confirmed() const {
  return query_numbers(shop_.database(), "SELECT id FROM orders WHERE status = 'CONFIRMED' ORDER BY id");
}

TEST_CASE("no confirmation is lost however often workers are killed, and a repeat has the id of the first") {
  const std::uint64_t seed = seed_of_run();
  const Size size = size_wanted();
  Trial trial(seed, size.jobs);
  const auto orders = trial.confirmed();
  CHECK(orders.size() == static_cast<std::size_t>(size.jobs));
  CHECK(trial.left() == size.jobs);

  while (trial.kills() < size.kills && trial.left() > 0) trial.go_round(size.kills - trial.kills());
  const std::int64_t left = trial.left();
  trial.finish();

  std::int64_t repeated = 0;
  std::int64_t messages = 0;
  int most = 0;
  for (const auto& [order, times] : trial.sent()) {
    repeated += times > 1 ? 1 : 0;
    messages += times;
    most = std::max(most, times);
  }
  std::printf(
      "jobs: %d jobs, %lld servers killed while they sent, who had leased %lld; %lld left for the last;"
      " %lld messages, %lld orders were told more than once, one %d times; seed %llu\n",
      size.jobs, static_cast<long long>(trial.kills()), static_cast<long long>(trial.leases_lost()),
      static_cast<long long>(left), static_cast<long long>(messages), static_cast<long long>(repeated), most,
      static_cast<unsigned long long>(seed));
  CHECK(trial.kills() >= size.kills);
  CHECK(trial.told() == orders);  // each of them, and nobody else
}

// Takes messages one by one and not quickly, as a mail server might.
class SlowReceiver {
 public:
  explicit SlowReceiver(const Location& database) {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    const int smallest = 1;  // the system makes it some messages
    REQUIRE(::setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest) == 0);
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    process_ =
        std::make_unique<Process>(std::vector<std::string>{program_path().string(), "serve", "--listen",
                                                           "127.0.0.1:0", "--database", database.string()},
                                  Setting{}, nothing, nothing, ends[1]);
    ::close(nothing);
    ::close(ends[1]);
    end_ = ends[0];
  }
  SlowReceiver(const SlowReceiver&) = delete;
  SlowReceiver& operator=(const SlowReceiver&) = delete;
  ~SlowReceiver() { ::close(end_); }

  Process& process() { return *process_; }
  const std::string& log() const { return log_; }
  std::size_t messages() const { return confirmations_in(log_).size(); }

  // False if none comes.
  bool take_one() {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));  // the sender waits for it
    pollfd wait{end_, POLLIN, 0};
    return ::poll(&wait, 1, kPatienceMs) > 0 && take();
  }
  void kill() {
    process_->signal(SIGKILL);
    CHECK(process_->wait(std::chrono::minutes(1)) == -SIGKILL);
    while (take()) {
    }
  }

 private:
  bool take() {
    char piece[kPipeBytes];
    const ssize_t got = ::recv(end_, piece, sizeof piece, 0);
    if (got > 0) log_.append(piece, static_cast<std::size_t>(got));
    return got > 0;
  }

  int end_ = -1;
  std::string log_;
  std::unique_ptr<Process> process_;
};

// A socket takes some at once when its receiver has made room, so it may be a second one now and then.
TEST_CASE("where messages take their time, a kill repeats the last one of each thread, not all that it had") {
  constexpr int kJobs = 400;
  constexpr int kKills = 12;
  constexpr int kThreads = 2;
  std::mt19937_64 random(seed_of_run());
  Shop shop;
  import_inventory(shop.database(), "store,sku,quantity\nNorth,CAT,1000000\n");
  shop.server().kill();
  place_orders(shop, kJobs);
  std::map<std::int64_t, int> sent;

  for (int i = 0; i < kKills; ++i) {
    SlowReceiver receiver(shop.database());
    const std::size_t due = 12 + random() % 12;
    while (receiver.messages() < due && receiver.take_one()) {
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 2'000));
    receiver.kill();
    CHECK(receiver.messages() >= due);
    for (const auto& [order, times] : confirmations_in(receiver.log())) sent[order] += times;
    LeftSessions(shop.database()).wait();
    let_leases_end(shop.database());
  }

  // What was sent and not noted as done comes again.
  const std::int64_t done = kJobs - jobs_left(shop.database());
  const std::int64_t repeated = std::ssize(sent) - done;
  MESSAGE(sent.size(), " orders told by ", kKills, " servers that were killed, of which ", repeated,
          " will be told again");
  CHECK(std::all_of(sent.begin(), sent.end(), [](const auto& order) { return order.second <= 2; }));
  CHECK(repeated <= kKills * kThreads * 2);
  shop.restart();
  CHECK(wait_until([&] { return jobs_left(shop.database()) == 0; }));
}

TEST_CASE("a server whose messages nobody takes ends when it is asked to, and they are sent later") {
  Trial trial(1, 200);
  {
    Sender sender(trial.shop().database(), 1);
    CHECK(wait_until([&] {  // it has sent what the pipe holds, and hangs
      return query_number(trial.shop().database(), "SELECT count(*) FROM jobs WHERE attempts > 0") > 0 &&
             trial.left() < 200;
    }));
    const auto begun = std::chrono::steady_clock::now();
    CHECK(sender.stop() == 0);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(20));
    trial.add_sent(sender.log());
  }
  CHECK(trial.left() > 0);

  let_leases_end(trial.shop().database());
  trial.finish();

  CHECK(trial.told() == trial.confirmed());
}

TEST_CASE("a confirmation that nobody could take is sent later, and one is sent however little is logged") {
  Trial trial(1, 20);
  const Location& database = trial.shop().database();
  {
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);  // each write fails, as on a full disk
    const Greeting greeting;
    Process server(
        {program_path().string(), "serve", "--listen", "127.0.0.1:0", "--database", database.string()},
        Setting{}, nothing, greeting.output(), full);
    ::close(nothing);
    ::close(full);
    CHECK(wait_until([&] {
      return query_number(database, "SELECT count(*) FROM jobs WHERE last_error IS NOT NULL") == 20;
    }));
    REQUIRE(greeting.comes());
    server.signal(SIGTERM);
    CHECK(server.wait(std::chrono::minutes(1)) == 0);
  }
  CHECK(trial.left() == 20);

  let_leases_end(database);
  trial.finish({"--log-level", "error"});

  CHECK(trial.told() == trial.confirmed());
}

TEST_CASE("were a job lost, or one done for nobody, it would be noticed") {
  for (const char* const damage :
       {"DELETE FROM jobs WHERE payload = '7'", "UPDATE jobs SET payload = '999' WHERE payload = '7'"}) {
    CAPTURE(damage);
    Trial trial(1, 20);
    query_texts(trial.shop().database(), damage);
    trial.finish();
    CHECK(trial.told() != trial.confirmed());
  }
}

}  // namespace

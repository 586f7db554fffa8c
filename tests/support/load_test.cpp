#include "support/load.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "support/latencies.h"
#include "support/local_server.h"
#include "support/routes.h"

namespace {

using namespace std::chrono_literals;
using aforro::http::Handler;
using aforro::http::json_response;
using aforro::http::Request;
using aforro::test::Answer;
using aforro::test::append_get;
using aforro::test::append_post;
using aforro::test::Latencies;
using aforro::test::LoadReport;
using aforro::test::run_load;
using aforro::test::Verdict;

// Answers GET and POST of "/" by a handler, within this process.
class Echo {
 public:
  explicit Echo(const Handler& handler)
      : server_([&](aforro::http::Router& router) {
          aforro::test::add_get(router, "/", handler);
          aforro::test::add_post(router, "/", handler);
        }) {}
  int port() const { return server_.port(); }

 private:
  aforro::test::LocalServer server_;
};

TEST_CASE("a quantile of latencies is the nearest rank, the last of them the longest") {
  Latencies latencies;
  CHECK(latencies.quantile(0.5) == 0us);
  for (int i = 100; i >= 1; --i) latencies.add(std::chrono::microseconds(i));
  Latencies more;
  more.add(7ms);
  latencies.add(more);

  CHECK(latencies.count() == 101);
  CHECK(latencies.quantile(0.5) == 51us);
  CHECK(latencies.quantile(0.99) == 100us);
  CHECK(latencies.quantile(1) == 7ms);
}

TEST_CASE("a closed loop makes each request once and hands its own answer to be judged") {
  const Echo echo([](const Request& request) { return json_response(201, request.body); });
  std::mutex mutex;
  std::multiset<std::size_t> made;
  std::size_t foreign = 0;

  const LoadReport report = run_load({.port = echo.port(),
                                      .connections = 7,
                                      .threads = 2,
                                      .max_requests = 500,
                                      .request =
                                          [&](std::size_t number, std::string& to) {
                                            const std::lock_guard lock(mutex);
                                            made.insert(number);
                                            append_post(to, "/", std::to_string(number));
                                          },
                                      .judge =
                                          [&](std::size_t number, const Answer& answer) {
                                            const std::lock_guard lock(mutex);
                                            if (answer.body != std::to_string(number)) ++foreign;
                                            if (answer.status != 201) return Verdict::wrong;
                                            return number % 5 == 0 ? Verdict::passed_over : Verdict::counted;
                                          }});

  CHECK(made.size() == 500);
  CHECK(std::set(made.begin(), made.end()).size() == 500);
  CHECK(*made.rbegin() == 499);
  CHECK(foreign == 0);
  CHECK(report.counted == 400);
  CHECK(report.passed_over == 100);
  CHECK(report.wrong == 0);
  CHECK(report.latencies.count() == 500);
  CHECK(report.seconds > 0);
}

TEST_CASE("a load takes answers that come in many pieces") {
  const std::string large(3'000'000, 'x');
  const Echo echo([&](const Request&) { return json_response(200, large); });

  const LoadReport report = run_load({.port = echo.port(),
                                      .connections = 2,
                                      .max_requests = 6,
                                      .request = [](std::size_t, std::string& to) { append_get(to, "/"); },
                                      .judge =
                                          [&](std::size_t, const Answer& answer) {
                                            return answer.body == large ? Verdict::counted : Verdict::wrong;
                                          }});

  CHECK(report.counted == 6);
  CHECK(report.wrong == 0);
}

TEST_CASE("a load reports wrong answers with what the first of them said") {
  const Echo echo([](const Request&) { return json_response(409, "\"out of cheese\""); });

  const LoadReport report = run_load({.port = echo.port(),
                                      .connections = 1,
                                      .max_requests = 3,
                                      .request = [](std::size_t, std::string& to) { append_get(to, "/"); },
                                      .judge = [](std::size_t, const Answer&) { return Verdict::wrong; }});

  CHECK(report.wrong == 3);
  CHECK(report.counted == 0);
  CHECK(report.first_wrong == "status 409: \"out of cheese\"");
}

TEST_CASE("a load goes on when the server closes after each answer") {
  const Echo echo([](const Request&) { return json_response(200, "1"); });

  const LoadReport report =
      run_load({.port = echo.port(),
                .connections = 2,
                .max_requests = 10,
                .request =
                    [](std::size_t, std::string& to) {
                      to += "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
                    },
                .judge = [](std::size_t, const Answer&) { return Verdict::counted; }});

  CHECK(report.counted == 10);
  CHECK(report.wrong == 0);
  CHECK(report.reconnects == 8);
}

TEST_CASE("a closed loop ends with its duration, and what it measures begins after the warm-up") {
  const Echo echo([](const Request&) { return json_response(200, "1"); });
  std::atomic<std::size_t> judged{0};

  const LoadReport report = run_load({.port = echo.port(),
                                      .connections = 2,
                                      .warm_up = 50ms,
                                      .duration = 50ms,
                                      .request = [](std::size_t, std::string& to) { append_get(to, "/"); },
                                      .judge =
                                          [&](std::size_t, const Answer&) {
                                            ++judged;
                                            return Verdict::counted;
                                          }});

  CHECK(report.seconds == doctest::Approx(0.05));
  CHECK(report.counted > 0);
  CHECK(report.counted < judged);
}

TEST_CASE(
    "an open loop measures from when a request was due, so that a stall shows in all that wait for it") {
  constexpr std::size_t kRequests = 40;
  std::atomic<bool> all_due = false;
  const Echo echo([&](const Request&) {
    all_due.wait(false);
    return json_response(200, "1");
  });
  // One a millisecond; the server answers none before the last was due, 40 ms from the beginning.
  std::thread gate;

  const LoadReport report = run_load({.port = echo.port(),
                                      .connections = 1,
                                      .duration = 40ms,
                                      .per_second = 1000.0,
                                      .request =
                                          [&](std::size_t number, std::string& to) {
                                            append_get(to, "/");
                                            if (number > 0) return;
                                            gate = std::thread([&, from = std::chrono::steady_clock::now()] {
                                              while (std::chrono::steady_clock::now() < from + 40ms)
                                                std::this_thread::yield();
                                              all_due = true;
                                              all_due.notify_all();
                                            });
                                          },
                                      .judge = [](std::size_t, const Answer&) { return Verdict::counted; }});
  gate.join();

  CHECK(report.counted == kRequests);
  CHECK(report.wrong == 0);
  CHECK(report.latencies.quantile(1) >= 39ms);    // the first, which was held
  CHECK(report.latencies.quantile(0.5) >= 19ms);  // as long as those in the middle were late
}

}  // namespace

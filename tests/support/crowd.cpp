#include "support/crowd.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>
#include <vector>

#include "support/http_client.h"
#include "support/slowdown.h"
#include "support/wait_until.h"

namespace aforro::test {
namespace {

void allow_descriptors(std::size_t count) {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  REQUIRE(limit.rlim_cur > count + 100);
}

}  // namespace

Crowd::Crowd(int port, std::string order, std::size_t count) : count_(count) {
  allow_descriptors(count);
  thread_ = std::thread([this, port, order = std::move(order), count] {
    run_load({.port = port,
              .connections = count,
              .max_requests = count,
              .request =
                  [&](std::size_t, std::string& to) {
                    append_post(to, "/orders/", order);
                    ++sent_;
                  },
              .judge = [this](std::size_t, const Answer& answer) { return judge(answer); }});
  });
}

void Crowd::wait() {
  if (thread_.joinable()) thread_.join();
}

bool Crowd::has_refused_soon(std::size_t count) const {
  return wait_until([&] { return sent_ == count_; }) &&
         wait_until([&] { return refused() >= count; }, std::chrono::milliseconds(2'000 * kSlowdown));
}

Verdict Crowd::judge(const Answer& answer) {
  const bool is_for_later =
      answer.status == 503 && answer.head.find("Retry-After: ") != std::string_view::npos;
  if (is_order(answer, "CONFIRMED")) {
    ++confirmed_;
  } else if (is_for_later && answer.body.find("Too many requests are waiting") != std::string_view::npos) {
    ++refused_;
  } else if (is_for_later) {
    ++unavailable_;
  } else {
    ++others_;
  }
  return Verdict::counted;
}

void check_livez(int port) {
  constexpr std::size_t kTimes = 15;
  std::vector<std::chrono::milliseconds> times;
  for (std::size_t i = 0; i < kTimes; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    HttpClient client(port);
    CHECK(client.get("/livez").status == 200);
    times.push_back(
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun));
  }
  std::sort(times.begin(), times.end());
  CHECK(times[kTimes / 2].count() < 50 * kSlowdown);
  CHECK(times.back().count() < 800 * kSlowdown);
}

double gets_per_second(int port, std::string_view target) {
  const LoadReport report =
      run_load({.port = port,
                .connections = 8,
                .duration = std::chrono::milliseconds(400),
                .request = [&](std::size_t, std::string& to) { append_get(to, target); },
                .judge =
                    [](std::size_t, const Answer& answer) {
                      return answer.status == 200 ? Verdict::counted : Verdict::wrong;
                    }});
  CHECK_MESSAGE(report.wrong == 0, report.first_wrong);
  return report.per_second();
}

bool serves_per_second(int port, std::string_view target, double least) {
  for (int look = 0; look < 4; ++look) {
    if (gets_per_second(port, target) > least) return true;
  }
  return false;
}

Refusals logged_refusals(const std::string& log) {
  Refusals refusals;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const auto event = nlohmann::json::parse(line);
    if (event["event"] != "overloaded") continue;
    ++refusals.lines;
    refusals.refused += event["refused"].get<std::size_t>();
  }
  return refusals;
}

}  // namespace aforro::test

#include "http/send_pace.h"

#include <doctest/doctest.h>

#include <cstdint>

namespace {

using namespace std::chrono_literals;
using aforro::http::SendPace;
using aforro::http::SendPaceOptions;

constexpr SendPaceOptions kOptions{.stall_timeout = 30s, .window = 60s, .least_rate = 1024};
const SendPace::TimePoint kStart{1000s};

// How long a client is waited for that takes so many bytes every so often, up to a limit.
std::chrono::seconds waited_for(std::uint64_t bytes, std::chrono::seconds every, std::uint64_t at_once = 0,
                                std::chrono::seconds limit = 10'000s) {
  constexpr std::uint64_t kBefore = 777;  // of answers before this one
  SendPace pace(kOptions, kStart, kBefore);
  for (std::chrono::seconds at{1}; at < limit; ++at) {
    const auto times = static_cast<std::uint64_t>(at / every);
    if (!pace.keeps_up(kStart + at, kBefore + at_once + times * bytes)) return at;
  }
  return limit;
}

TEST_CASE("a client that takes its answer steadily is waited for, however long that takes") {
  CHECK(waited_for(375'000, 1s) == 10'000s);
  CHECK(waited_for(1'024, 1s) == 10'000s);
  CHECK(waited_for(29 * 1'024, 29s, 1'024 * 60) == 58s + 62s);  // none of it counts for a later minute
  CHECK(waited_for(64 * 1'024, 29s) == 10'000s);
}

TEST_CASE("a client that takes nothing is given up when the time for that is over") {
  CHECK(waited_for(0, 1s) == 30s);
  CHECK(waited_for(0, 1s, 4'000'000) == 31s);
  CHECK(waited_for(1'000'000, 31s) == 30s);
}

TEST_CASE("a client that takes a byte now and then is given up, whatever it took at first") {
  CHECK(waited_for(1, 1s) == 60s);
  CHECK(waited_for(1, 29s) == 60s);
  CHECK(waited_for(1, 29s, 100'000) == 120s);
  CHECK(waited_for(1'000, 1s) == 60s);
}

TEST_CASE("it asks to be looked at again well before the time is over") {
  SendPace pace(kOptions, kStart, 0);
  CHECK(pace.look_again_at() <= kStart + 5s);
  CHECK(pace.keeps_up(kStart + 4s, 1));
  CHECK(pace.look_again_at() > kStart + 4s);
}

}  // namespace

#include "base/log_throttle.h"

#include <doctest/doctest.h>

#include "support/held_clock.h"

namespace {

using aforro::LogThrottle;
using aforro::test::HeldClock;
using std::chrono::milliseconds;

TEST_CASE("so many events of a second have a line, and the first line after it tells of the others") {
  HeldClock clock;
  LogThrottle throttle(2, clock);
  CHECK(throttle.pass() == 0);
  CHECK(throttle.pass() == 0);
  for (int i = 0; i < 1'000; ++i) CHECK(!throttle.pass());
  clock.advance(milliseconds(999));
  CHECK(!throttle.pass());

  clock.advance(milliseconds(1));

  CHECK(throttle.pass() == 1'001);
  CHECK(throttle.pass() == 0);
  CHECK(!throttle.pass());
}

TEST_CASE("what had no line is overdue once the second is over, and told once") {
  HeldClock clock;
  LogThrottle throttle(1, clock);
  CHECK(throttle.overdue() == 0);
  throttle.pass();
  CHECK(throttle.overdue() == 0);  // it had its line
  throttle.pass();
  throttle.pass();
  CHECK(throttle.overdue() == 0);  // not yet

  clock.advance(milliseconds(1'000));

  CHECK(throttle.overdue() == 2);
  CHECK(throttle.overdue() == 0);
  CHECK(!throttle.pass());  // the line of this second was that
  clock.advance(milliseconds(1'000));
  CHECK(throttle.pass() == 1);
  throttle.pass();
  CHECK(throttle.rest() == 1);
  CHECK(throttle.rest() == 0);
}

}  // namespace

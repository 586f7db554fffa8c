#include <doctest/doctest.h>

#include <string>

#include "base/text.h"

namespace {

using aforro::email_fault;

TEST_CASE("an e-mail address has one @ between two texts without white space") {
  for (const char* good : {"a@b", "jo.o'neill+shop@example.org", "käthe@büro.example"}) {
    CAPTURE(good);
    CHECK(!email_fault(good));
  }
  for (const char* bad :
       {"", "a@", "@b", "a", "a@b@c", "a b@c", "a@b\n", "a\t@b", "a\r@b", "\xff@b", "a\x01@b"}) {
    CAPTURE(bad);
    CHECK(email_fault(bad) == "must be an e-mail address");
  }
}

TEST_CASE("an e-mail address has at most 254 characters") {
  const std::string longest = std::string(252, 'a') + "@b";
  CHECK(!email_fault(longest));
  CHECK(email_fault("a" + longest));
}

}  // namespace

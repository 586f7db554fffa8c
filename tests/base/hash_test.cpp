#include "base/hash.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace {

using aforro::hash_hex;
using aforro::random_hex;

TEST_CASE("a hash is 128 bits of BLAKE2b, the same on every machine") {
  CHECK(hash_hex("") == "cae66941d9efbd404e4d88758ea67670");
  CHECK(hash_hex("abc") == "cf4ab791c62b8d2b2109c90275287816");
}

TEST_CASE("every byte counts for a hash, NUL too") {
  CHECK(hash_hex(std::string("a\0b", 3)) != hash_hex("a"));
  CHECK(hash_hex(std::string("a\0b", 3)) != hash_hex(std::string("a\0c", 3)));
  CHECK(hash_hex("ab") != hash_hex("ba"));
}

TEST_CASE("random names have two digits a byte and are never the same") {
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    const std::string name = random_hex(16);
    CHECK(name.size() == 32);
    CHECK(name.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(seen.insert(name).second);
  }
  CHECK(random_hex(0).empty());
}

}  // namespace

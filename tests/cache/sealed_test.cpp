#include "cache/sealed.h"

#include <doctest/doctest.h>

#include <string>

namespace {

using aforro::cache::seal;
using aforro::cache::unseal;

TEST_CASE("what was sealed under a key is got back under that key, whatever its size") {
  std::string bytes;
  for (int size = 0; size < 200; ++size) {
    CAPTURE(size);
    CHECK(unseal("key", seal("key", bytes)) == bytes);
    CHECK(!unseal("another key", seal("key", bytes)));
    bytes += static_cast<char>(size * 7);
  }
}

TEST_CASE("a bit that has changed, and a byte too few or too many, are seen") {
  const std::string sealed =
      seal("key", "a listing that is somewhat longer than one block of the sum, by a bit");
  for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(static_cast<unsigned char>(changed[bit / 8]) ^ (1U << (bit % 8)));
    CHECK(!unseal("key", changed));
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) CHECK(!unseal("key", sealed.substr(0, size)));
  CHECK(!unseal("key", sealed + '\0'));
}

TEST_CASE("blocks that have changed places are seen") {
  const std::string first(8, 'a');
  const std::string second(8, 'b');
  const std::string rest(16, 'c');
  std::string swapped = seal("key", first + second + rest);
  const std::size_t at = swapped.size() - 32;
  swapped.replace(at, 16, second + first);
  CHECK(!unseal("key", swapped));
}

}  // namespace

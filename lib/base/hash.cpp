#include "base/hash.h"

#include <sodium.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace aforro {
namespace {

void require_sodium() {
  static const int kReady = sodium_init();
  if (kReady < 0) throw std::runtime_error("libsodium could not be started");
}

std::string hex(const unsigned char* bytes, std::size_t count) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

}  // namespace

std::string hash_hex(std::string_view bytes) {
  require_sodium();
  std::array<unsigned char, 16> digest{};
  crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), nullptr, 0);
  return hex(digest.data(), digest.size());
}

std::uint64_t keyed_hash(std::string_view bytes) {
  using Key = std::array<unsigned char, crypto_shorthash_KEYBYTES>;
  static const Key kKey = [] {
    require_sodium();
    Key key{};
    crypto_shorthash_keygen(key.data());
    return key;
  }();
  std::array<unsigned char, crypto_shorthash_BYTES> hash{};
  crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                   kKey.data());
  std::uint64_t value = 0;
  static_assert(sizeof value == hash.size());
  std::memcpy(&value, hash.data(), sizeof value);
  return value;
}

std::string random_hex(std::size_t bytes) {
  require_sodium();
  std::vector<unsigned char> random(bytes);
  if (bytes > 0) randombytes_buf(random.data(), random.size());  // which takes no null pointer
  return hex(random.data(), random.size());
}

}  // namespace aforro

// Any bytes are unpacked within the bound or refused; what was packed is unpacked to the same, as one member
// or as several, and not into less space than it needs.
#include <string>
#include <string_view>

#include "base/gzip.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using aforro::fuzz::require;
  using aforro::fuzz::unless_refused;
  constexpr std::size_t kBound = 100'000;
  const std::string_view bytes = aforro::fuzz::text_of(data, size);

  const auto unpacked = unless_refused([&] { return aforro::gunzip(bytes, kBound); });
  if (unpacked) require(unpacked->size() <= kBound && aforro::is_gzip(bytes));

  const std::string packed = aforro::gzip(bytes);
  require(aforro::is_gzip(packed));
  require(aforro::gunzip(packed, size) == bytes);
  require(aforro::gunzip(packed + packed, 2 * size) == std::string(bytes) + std::string(bytes));
  if (size > 0) require(!unless_refused([&] { return aforro::gunzip(packed, size - 1); }));
  require(!unless_refused([&] { return aforro::gunzip(packed.substr(0, packed.size() - 1), size); }));
  return 0;
}

// Range: what is given of something lies within it.
#include <string_view>

#include "fuzz.h"
#include "http/byte_range.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using aforro::fuzz::require;
  using aforro::http::ByteRange;
  const std::string_view text = aforro::fuzz::text_of(data, size);
  for (const std::uint64_t whole : {0ULL, 1ULL, 1'000ULL, ~0ULL}) {
    const ByteRange range = aforro::http::parse_range(text, whole);
    if (range.fit == ByteRange::Fit::part) {
      require(range.count > 0 && range.first < whole && range.count <= whole - range.first);
    } else {
      require(range.first == 0 && range.count == 0);
    }
  }
  return 0;
}

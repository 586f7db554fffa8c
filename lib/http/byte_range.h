// What the header Range asks for (RFC 9110, 14.1 and 14.2). Pure functions, for any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace aforro::http {

struct ByteRange {
  enum class Fit {
    whole,    // nothing is asked for that we give: another unit, several parts, no sense
    part,     // `count` bytes from `first` on
    outside,  // a part of which there is nothing
  };
  Fit fit = Fit::whole;
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

// Of something of `size` bytes. Several parts are not given, as a server may decide: one that asks for a
// thousand would have a thousand copies.
ByteRange parse_range(std::string_view value, std::uint64_t size);

}  // namespace aforro::http

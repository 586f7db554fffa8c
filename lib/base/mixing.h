// A 64-bit hash of a few numbers and texts, to compare collections by the sums of their members' hashes:
// equal sums mean equal collections, in any order, but for accidents of 1 in 2^64. It guards against damage,
// not against attackers, who could make two that agree.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace aforro {

class Mixing {
 public:
  // Hashes made for different purposes have nothing in common.
  explicit constexpr Mixing(std::uint64_t purpose) : state_(mixed(purpose)) {}

  constexpr Mixing& add(std::integral auto number) {
    state_ = mixed(state_ ^ static_cast<std::uint64_t>(number));
    return *this;
  }

  Mixing& add(std::string_view text) {
    add(text.size());
    for (; !text.empty(); text.remove_prefix(std::min(text.size(), sizeof(std::uint64_t)))) {
      std::uint64_t block = 0;
      std::memcpy(&block, text.data(), std::min(text.size(), sizeof block));
      add(block);
    }
    return *this;
  }

  constexpr std::uint64_t value() const { return state_; }

 private:
  // One step of SplitMix64 (Steele, Lea and Flood, 2014): every bit of the input moves half of the output's.
  static constexpr std::uint64_t mixed(std::uint64_t bits) {
    bits += 0x9E3779B97F4A7C15;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
    return bits ^ (bits >> 31);
  }

  std::uint64_t state_;
};

}  // namespace aforro

#include "cache/sealed.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "base/mixing.h"

namespace aforro::cache {
namespace {

constexpr std::string_view kFormat = "aforro-sealed-1 ";
constexpr std::size_t kSumBytes = sizeof(std::uint64_t);
constexpr std::uint64_t kPurpose = 0x5EA1;

// In four lanes, whose steps a processor takes side by side: a listing is summed as often as it is got.
std::uint64_t sum_of(std::string_view key, std::string_view bytes) {
  std::array<Mixing, 4> lanes{Mixing(kPurpose), Mixing(kPurpose + 1), Mixing(kPurpose + 2),
                              Mixing(kPurpose + 3)};
  std::array<std::uint64_t, 4> block{};
  std::size_t at = 0;
  for (; bytes.size() - at >= sizeof block; at += sizeof block) {
    std::memcpy(block.data(), bytes.data() + at, sizeof block);
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) lanes[lane].add(block[lane]);
  }
  Mixing all(kPurpose);
  all.add(key).add(bytes.size()).add(bytes.substr(at));
  for (const Mixing& lane : lanes) all.add(lane.value());
  return all.value();
}

}  // namespace

std::string seal(std::string_view key, std::string_view bytes) {
  const std::uint64_t sum = sum_of(key, bytes);
  std::array<char, kSumBytes> raw{};
  std::memcpy(raw.data(), &sum, raw.size());
  std::string sealed;
  sealed.reserve(kFormat.size() + raw.size() + bytes.size());
  sealed += kFormat;
  sealed.append(raw.data(), raw.size());
  sealed += bytes;
  return sealed;
}

std::optional<std::string_view> unseal(std::string_view key, std::string_view sealed) {
  if (!sealed.starts_with(kFormat) || sealed.size() < kFormat.size() + kSumBytes) return std::nullopt;
  sealed.remove_prefix(kFormat.size());
  std::uint64_t sum = 0;
  std::memcpy(&sum, sealed.data(), sizeof sum);
  sealed.remove_prefix(kSumBytes);
  return sum == sum_of(key, sealed) ? std::optional(sealed) : std::nullopt;
}

}  // namespace aforro::cache

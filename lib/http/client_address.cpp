#include "http/client_address.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/numbers.h"

namespace aforro::http {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr std::size_t kMappedPrefix = 12;  // ::ffff:0:0/96, where IPv4 addresses stand in IPv6

// Both families as one: IPv4 in its mapped form.
std::optional<Bytes> parse(std::string_view text) {
  if (text.starts_with('[') && text.find(']') != std::string_view::npos)
    text = text.substr(1, text.find(']') - 1);
  const std::string address(text);
  Bytes bytes{};
  if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return bytes;
  bytes[10] = bytes[11] = 0xFF;
  if (::inet_pton(AF_INET, address.c_str(), bytes.data() + kMappedPrefix) == 1) return bytes;
  return std::nullopt;
}

bool is_mapped(const Bytes& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](auto byte) { return byte == 0; }) &&
         bytes[10] == 0xFF && bytes[11] == 0xFF;
}

std::string key_of(Bytes bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_mapped(bytes)) {
    ::inet_ntop(AF_INET, bytes.data() + kMappedPrefix, text.data(), text.size());
    return text.data();
  }
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  ::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return std::string(text.data()) + "/64";
}

std::string_view take_last(std::string_view& list) {
  const std::size_t comma = list.rfind(',');
  std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  const auto begin = std::min(last.find_first_not_of(" \t"), last.size());
  last.remove_prefix(begin);
  last = last.substr(0, last.find_last_not_of(" \t") + 1);
  return last;
}

}  // namespace

bool TrustedProxies::add(std::string_view network) {
  const std::size_t slash = network.find('/');
  const auto bytes = parse(network.substr(0, slash));
  if (!bytes) return false;
  const int offset = is_mapped(*bytes) ? 96 : 0;
  int prefix = 128;
  if (slash != std::string_view::npos) {
    const auto given = parse_whole_number(network.substr(slash + 1), 0, 128 - offset);
    if (!given) return false;
    prefix = static_cast<int>(*given) + offset;
  }
  networks_.push_back({*bytes, prefix});
  return true;
}

bool TrustedProxies::trusts(std::string_view address) const {
  if (networks_.empty()) return false;
  const auto bytes = parse(address);
  if (!bytes) return false;
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    for (int bit = 0; bit < network.prefix_bits; bit += 8) {
      const int bits = std::min(8, network.prefix_bits - bit);
      const auto mask = static_cast<std::uint8_t>(0xFF << (8 - bits));
      const auto byte = static_cast<std::size_t>(bit / 8);
      if ((network.bytes[byte] & mask) != ((*bytes)[byte] & mask)) return false;
    }
    return true;
  });
}

std::string client_key(const TrustedProxies& trusted, std::string_view peer, std::string_view forwarded_for) {
  std::string_view client = peer;
  while (!forwarded_for.empty() && trusted.trusts(client)) {
    const std::string_view named = take_last(forwarded_for);
    if (!parse(named)) break;
    client = named;
  }
  const auto bytes = parse(client);
  return bytes ? key_of(*bytes) : std::string(client);
}

}  // namespace aforro::http

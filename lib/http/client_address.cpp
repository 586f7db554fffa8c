// X-Forwarded-For is a list to which each proxy adds the address it saw, so its left end is written by the
// client, which can claim any address. Only what a trusted proxy has added can be believed. So the walk goes
// from the right, from the peer backwards, for as long as the address at hand is a trusted proxy; the first
// that is not is the client.
//
// Addresses of both families are compared as IPv6, IPv4 in its mapped form (RFC 4291, 2.5.5.2). An IPv6
// client is known by its /64, as one subscriber has 2^64 addresses and could use a fresh one for each
// request.
#include "http/client_address.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/numbers.h"

namespace aforro::http {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr std::string_view kNotedUnixPeer = "unix:";  // as nginx notes a client of its own Unix socket
constexpr std::size_t kMappedPrefix = 12;             // ::ffff:0:0/96, where IPv4 addresses stand in IPv6

// Both families as one: IPv4 in its mapped form.
std::optional<Bytes> parse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string address(text);
  Bytes bytes{};
  if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return bytes;
  bytes[10] = bytes[11] = 0xFF;
  if (::inet_pton(AF_INET, address.c_str(), bytes.data() + kMappedPrefix) == 1) return bytes;
  return std::nullopt;
}

// What proxies write: "192.0.2.1", "192.0.2.1:5678", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5678".
std::optional<Bytes> parse_noted(std::string_view text) {
  const auto is_port = [](std::string_view rest) {
    return rest.empty() || (rest.front() == ':' && parse_whole_number(rest.substr(1), 0, 65'535).has_value());
  };
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_port(text.substr(end + 1))) return std::nullopt;
    return parse(text.substr(1, end - 1));
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && colon == text.rfind(':') && is_port(text.substr(colon))) {
    text = text.substr(0, colon);
  }
  return parse(text);
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

}  // namespace

bool TrustedProxies::add(std::string_view network) {
  if (network == kUnixPeer) return trusts_unix_ = true;
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
  if (address == kUnixPeer) return trusts_unix_;
  if (networks_.empty()) return false;
  const auto bytes = parse(address);
  return bytes && trusts(*bytes);
}

bool TrustedProxies::trusts(const std::array<std::uint8_t, 16>& address) const {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    if (is_mapped(network.bytes) != is_mapped(address)) return false;  // "::/0" is all of IPv6, and no IPv4
    for (int bit = 0; bit < network.prefix_bits; bit += 8) {
      const int bits = std::min(8, network.prefix_bits - bit);
      const auto mask = static_cast<std::uint8_t>(0xFF << (8 - bits));
      const auto byte = static_cast<std::size_t>(bit / 8);
      if ((network.bytes[byte] & mask) != (address[byte] & mask)) return false;
    }
    return true;
  });
}

std::string client_key(const TrustedProxies& trusted, std::string_view peer,
                       std::span<const std::string_view> forwarded_for) {
  std::optional<Bytes> client = parse(peer);
  for (auto noted = forwarded_for.rbegin(); noted != forwarded_for.rend(); ++noted) {
    if (!(client ? trusted.trusts(*client) : trusted.trusts(peer))) break;
    if (*noted == kNotedUnixPeer && trusted.trusts(kUnixPeer)) continue;
    const auto named = parse_noted(*noted);
    if (!named) break;
    client = named;
  }
  return client ? key_of(*client) : std::string(peer);
}

}  // namespace aforro::http

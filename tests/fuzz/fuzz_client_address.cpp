// Whose request it is. Lines: networks that are trusted (one a line, up to an empty line), the peer, and what
// proxies noted. What an untrusted peer claims counts for nothing; a key is one address, or one /64.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz.h"
#include "http/client_address.h"

namespace {

using aforro::fuzz::require;
using aforro::http::client_key;
using aforro::http::kUnixPeer;
using aforro::http::TrustedProxies;
using Lines = std::vector<std::string_view>;

TrustedProxies trust(const Lines& lines) {
  TrustedProxies trusted;
  for (const std::string_view line : lines) {
    // A network holds its own address.
    if (trusted.add(line)) require(trusted.trusts(line.substr(0, line.find('/'))));
  }
  return trusted;
}

bool is_address(std::string_view text) {
  TrustedProxies trusted;
  return text != kUnixPeer && text.find('/') == std::string_view::npos && trusted.add(text);
}

// That all clients of a Unix socket share one key is not for an address to have.
void check_key(const std::string& key, std::string_view peer) {
  const TrustedProxies none;
  require(key != kUnixPeer || peer == kUnixPeer);
  const std::string_view network = "/64";
  if (is_address(key)) {  // of IPv4, and then its form within IPv6 is the same client
    require(client_key(none, key, {}) == key);
    require(client_key(none, "::ffff:" + key, {}) == key);
  } else if (key != peer) {
    require(key.ends_with(network));
    require(client_key(none, key.substr(0, key.size() - network.size()), {}) == key);
  }
}

// Two addresses of IPv6 are one client if their first eight bytes are the same.
void check_network(std::string_view bytes) {
  std::array<std::uint8_t, 16> address{};
  if (bytes.size() < address.size() + 1) return;
  std::copy_n(bytes.begin(), address.size(), address.begin());
  address[0] |= 0x20;  // never IPv4 in its mapped form
  const auto key = [&] {
    std::array<char, INET6_ADDRSTRLEN> text{};
    require(::inet_ntop(AF_INET6, address.data(), text.data(), text.size()) != nullptr);
    return client_key(TrustedProxies(), text.data(), {});
  };
  const std::string before = key();
  const auto bit = static_cast<unsigned char>(bytes[address.size()]) % 128U;
  address[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  if (bit / 8 == 0 && bit % 8 == 5) return;  // the one that keeps it from being IPv4
  require((key() == before) == (bit / 8 >= 8));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_network(aforro::fuzz::text_of(data, size));
  const Lines lines = aforro::fuzz::pieces_of(aforro::fuzz::text_of(data, size), '\n');
  const auto gap = std::find(lines.begin(), lines.end(), std::string_view());
  const TrustedProxies trusted = trust({lines.begin(), gap});
  Lines rest(gap == lines.end() ? gap : gap + 1, lines.end());
  if (rest.empty()) rest.emplace_back();
  const std::string_view peer = rest.front();
  rest.erase(rest.begin());

  const std::string key = client_key(trusted, peer, rest);
  check_key(key, peer);
  require(client_key(TrustedProxies(), peer, rest) == client_key(TrustedProxies(), peer, {}));
  if (!trusted.trusts(peer)) require(key == client_key(TrustedProxies(), peer, {}));
  // What was noted before an address that is not trusted makes no difference.
  if (!rest.empty() && is_address(rest.back()) && !trusted.trusts(rest.back())) {
    require(key == client_key(trusted, peer, std::span(rest).last(1)));
  }
  return 0;
}

// Which client sent a request: the address at the other end of the connection. If that is a proxy that we
// were told to trust, it is the client that the proxy names in X-Forwarded-For. What an untrusted peer claims
// counts for nothing. Values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aforro::http {

// A peer on a Unix socket, which has no address.
inline constexpr std::string_view kUnixPeer = "unix";

class TrustedProxies {
 public:
  // Adds an address or a network, "10.0.0.1", "10.0.0.0/8", "fd00::/8", or kUnixPeer. False if the text is
  // none of them.
  bool add(std::string_view network);
  bool trusts(std::string_view address) const;
  bool trusts(const std::array<std::uint8_t, 16>& address) const;  // of IPv6, or of IPv4 mapped into it

 private:
  struct Network {
    std::array<std::uint8_t, 16> bytes;
    int prefix_bits;
  };
  std::vector<Network> networks_;
  bool trusts_unix_ = false;
};

// The nearest address that is no trusted proxy: from `peer` backwards through the addresses that proxies
// noted, the last noted last, with or without ports; what is no address ends the walk. Without any address it
// is `peer`, so all who come by a Unix socket that is not trusted are one client. An IPv6 address is cut
// to its /64, which is what one subscriber has; an IPv4 one mapped into IPv6 counts as itself.
std::string client_key(const TrustedProxies& trusted, std::string_view peer,
                       std::span<const std::string_view> forwarded_for);

}  // namespace aforro::http

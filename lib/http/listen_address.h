// Where a server listens, as one writes it: "127.0.0.1:8000", "localhost:8000", "[::1]:8000"; "8000", which
// is 127.0.0.1:8000, and ":8000", which is every IPv4 address of the machine. A value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aforro::http {

struct ListenAddress {
  std::string host;  // an IPv6 address without its brackets
  int port;          // 0: any that is free

  // "http://127.0.0.1:8000", with another port if so asked.
  std::string url(int with_port) const;
};

// Nothing if the host is none, or the port is no number of 0 to 65535.
std::optional<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace aforro::http

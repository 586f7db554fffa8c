// A browser compares the origin that the server allows with its own byte by byte, so a setting that only
// means the same does not work: `https://SHOP.example:443/` never equals `https://shop.example`. What the
// operator typed is therefore brought to the one form that browsers send (RFC 6454, 6.2), and what no browser
// sends is refused at the start, where it can be mended.
#include "http/origin.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "base/numbers.h"
#include "http/fields.h"

namespace aforro::http {
namespace {

constexpr std::int64_t kMaxPort = 65'535;

// An address as browsers write it, which is RFC 5952 but for the dotted end that inet_ntop() gives to some:
// groups without zeros before them, and the first longest run of two or more groups that are zero left out.
std::string shown_ipv6(const in6_addr& address) {
  constexpr std::size_t kGroups = 8;
  std::array<unsigned, kGroups> groups{};
  for (std::size_t i = 0; i < kGroups; ++i) {
    groups[i] = static_cast<unsigned>(address.s6_addr[2 * i] << 8 | address.s6_addr[2 * i + 1]);
  }
  std::size_t run_begin = kGroups;
  std::size_t run_count = 1;
  for (std::size_t i = 0; i < kGroups; ++i) {
    std::size_t end = i;
    while (end < kGroups && groups[end] == 0) ++end;
    if (end - i <= run_count) continue;
    run_begin = i;
    run_count = end - i;
  }
  std::string text;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == run_begin) {
      text += "::";
      i += run_count - 1;
      continue;
    }
    std::array<char, 8> group{};
    std::snprintf(group.data(), group.size(), "%x", groups[i]);
    if (!text.empty() && text.back() != ':') text += ':';
    text += group.data();
  }
  return text;
}

// Browsers take a name for an IPv4 address if its last part is a number, and write it as four of them:
// 127.1 is 127.0.0.1 to them, and never sent.
bool is_name_or_ipv4(const std::string& host) {
  std::string_view last = host;
  if (last.ends_with('.')) last.remove_suffix(1);
  last = last.substr(last.rfind('.') + 1);
  const bool is_hexadecimal = last.starts_with("0x");
  if (is_hexadecimal) last.remove_prefix(2);
  const bool is_number =
      (is_hexadecimal || !last.empty()) &&
      last.find_first_not_of(is_hexadecimal ? "0123456789abcdef" : "0123456789") == std::string_view::npos;
  in_addr address{};
  return !is_number || inet_pton(AF_INET, host.c_str(), &address) == 1;
}

std::optional<std::string> shown_host(const std::string& host) {
  if (!host.starts_with('[')) return is_name_or_ipv4(host) ? std::optional(host) : std::nullopt;
  in6_addr address{};
  if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) != 1) return std::nullopt;
  return '[' + shown_ipv6(address) + ']';
}

// ":8443"; nothing to be shown where there is no port, or that of the scheme. Nothing at all if it is none.
std::optional<std::string> shown_port(std::string_view port, std::int64_t own) {
  if (port.empty()) return "";
  port.remove_prefix(std::min(port.find_first_not_of('0'), port.size()));
  const auto number = parse_whole_number(port, 1, kMaxPort);
  if (!number) return std::nullopt;
  return *number == own ? "" : ':' + std::to_string(*number);
}

}  // namespace

std::optional<std::string> parse_origin(std::string_view text) {
  std::string origin(text);
  std::transform(origin.begin(), origin.end(), origin.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (origin.ends_with('/')) origin.pop_back();
  struct Scheme {
    std::string_view beginning;
    std::int64_t own_port;
  };
  for (const Scheme& scheme : {Scheme{"http://", 80}, Scheme{"https://", 443}}) {
    if (!origin.starts_with(scheme.beginning)) continue;
    const std::string authority = origin.substr(scheme.beginning.size());
    // Of an address in brackets, the colon behind them.
    const std::size_t colon = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
    const std::string host = authority.substr(0, colon);
    if (!is_host(host)) return std::nullopt;
    const auto shown = shown_host(host);
    const auto port =
        shown_port(colon == std::string::npos ? "" : authority.substr(colon + 1), scheme.own_port);
    if (!shown || !port) return std::nullopt;
    return std::string(scheme.beginning) + *shown + *port;
  }
  return std::nullopt;
}

}  // namespace aforro::http

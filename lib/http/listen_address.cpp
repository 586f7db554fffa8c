#include "http/listen_address.h"

#include <algorithm>

#include "base/numbers.h"

namespace aforro::http {

std::string ListenAddress::url(int with_port) const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return "http://" + (is_ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(with_port);
}

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const bool has_host = colon != std::string_view::npos;
  std::string_view host = has_host ? text.substr(0, colon) : "127.0.0.1";
  const auto port = parse_whole_number(has_host ? text.substr(colon + 1) : text, 0, 65535);
  if (host.empty()) host = "0.0.0.0";
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  // An IPv6 address without brackets can't be told from its port, and brackets hold nothing else.
  if (is_bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  if (host.find_first_of("[]") != std::string_view::npos) return std::nullopt;
  const bool is_plain =
      std::none_of(host.begin(), host.end(), [](char c) { return c <= ' ' || c == '/' || c == '@'; });
  if (host.empty() || !is_plain || !port) return std::nullopt;
  return ListenAddress{std::string(host), static_cast<int>(*port)};
}

}  // namespace aforro::http

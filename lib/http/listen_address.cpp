#include "http/listen_address.h"

#include <algorithm>
#include <charconv>

#include "base/numbers.h"

namespace aforro::http {
namespace {

constexpr std::string_view kUnix = "unix:";

std::optional<ListenAddress> parse_path(std::string_view path) {
  const bool is_plain =
      std::none_of(path.begin(), path.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; });
  if (path.empty() || path.front() == '@' || !is_plain) return std::nullopt;
  return UnixAddress{.path = std::string(path)};
}

}  // namespace

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  if (text.starts_with(kUnix)) return parse_path(text.substr(kUnix.size()));
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
  return TcpAddress{.host = std::string(host), .port = static_cast<int>(*port)};
}

std::optional<unsigned> parse_socket_mode(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  unsigned mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc() || end != text.data() + text.size() || mode > 0777) return std::nullopt;
  return mode;
}

std::string to_string(const ListenAddress& address, bool is_encrypted) {
  if (const auto* const socket = std::get_if<UnixAddress>(&address)) return std::string(kUnix) + socket->path;
  if (const auto* const inherited = std::get_if<InheritedSocket>(&address))
    return "descriptor " + std::to_string(inherited->descriptor);
  const auto& tcp = std::get<TcpAddress>(address);
  const bool is_ipv6 = tcp.host.find(':') != std::string::npos;
  return (is_encrypted ? "https://" : "http://") + (is_ipv6 ? '[' + tcp.host + ']' : tcp.host) + ':' +
         std::to_string(tcp.port);
}

}  // namespace aforro::http

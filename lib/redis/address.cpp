#include "redis/address.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/numbers.h"
#include "base/percent_encoding.h"
#include "base/problem.h"

namespace aforro::redis {
namespace {

constexpr std::string_view kScheme = "redis://";
constexpr std::string_view kEncryptedScheme = "rediss://";
constexpr std::string_view kForm = "redis://USER:PASSWORD@HOST:PORT/DATABASE";
constexpr int kLastDatabase = 9'999;
constexpr std::size_t kMaxHostBytes = 253;

[[noreturn]] void refuse(const std::string& why) {
  throw Problem(Problem::Kind::invalid, "the address of Redis " + why);
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// A user or a password with its escapes undone; nothing for what RFC 3986 has escaped there, and is not.
std::optional<std::string> read_escaped(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2]))
        return std::nullopt;
      i += 2;
    } else if (!is_letter_or_digit(text[i]) &&
               std::string_view("-._~!$&'()*+,;=").find(text[i]) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  return percent_decode(text);
}

void read_user(std::string_view text, Address& address) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    refuse("names a user without a password: it must be " + std::string(kForm));
  auto user = read_escaped(text.substr(0, colon));
  auto password = read_escaped(text.substr(colon + 1));
  if (!user || !password) {
    refuse("has a user or password with a character that must be written as %XX there, such as %40 for @");
  }
  if (password->empty()) refuse("has an empty password");
  address.user = *std::move(user);
  address.password = *std::move(password);
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= kMaxHostBytes && std::all_of(host.begin(), host.end(), [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
  });
}

bool is_ipv6(std::string_view host) {
  return host.find(':') != std::string_view::npos && host.size() <= kMaxHostBytes &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return is_hex_digit(c) || c == ':' || c == '.'; });
}

// Reads the host, and returns what is behind it.
std::string_view read_host(std::string_view text, Address& address) {
  if (!text.starts_with('[')) {
    const std::string_view host = text.substr(0, text.find(':'));
    if (!is_host_name(host)) refuse("has no host that could be one: it must be " + std::string(kForm));
    address.host = host;
    return text.substr(host.size());
  }
  const std::size_t end = text.find(']');
  const std::string_view host = text.substr(1, end == std::string_view::npos ? end : end - 1);
  if (end == std::string_view::npos || !is_ipv6(host)) refuse("has brackets around what is no IPv6 address");
  address.host = host;
  return text.substr(end + 1);
}

}  // namespace

Address parse_address(std::string_view url) {
  Address address;
  address.is_encrypted = url.starts_with(kEncryptedScheme);
  const std::string_view scheme = address.is_encrypted ? kEncryptedScheme : kScheme;
  if (!url.starts_with(scheme)) refuse("must be " + std::string(kForm));
  url.remove_prefix(scheme.size());
  const std::size_t slash = url.find('/');
  std::string_view authority = url.substr(0, slash);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    read_user(authority.substr(0, at), address);
    authority.remove_prefix(at + 1);
  }
  const std::string_view port = read_host(authority, address);
  if (!port.empty()) {
    const auto number = port.front() == ':' ? parse_whole_number(port.substr(1), 1, 65'535) : std::nullopt;
    if (!number) refuse("has no port of 1 to 65535 behind its host");
    address.port = static_cast<int>(*number);
  }
  if (slash != std::string_view::npos && slash + 1 < url.size()) {
    const auto number = parse_whole_number(url.substr(slash + 1), 0, kLastDatabase);
    if (!number) refuse("has no number of a database behind its last slash");
    address.database = static_cast<int>(*number);
  }
  return address;
}

std::string to_string(const Address& address) {
  const bool is_bare_ipv6 = address.host.find(':') != std::string::npos;
  return std::string(address.is_encrypted ? kEncryptedScheme : kScheme) +
         (is_bare_ipv6 ? '[' + address.host + ']' : address.host) + ':' + std::to_string(address.port) + '/' +
         std::to_string(address.database);
}

}  // namespace aforro::redis

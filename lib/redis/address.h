// Where a Redis is, and who asks it: what `redis://user:password@host:port/database` says, or rediss:// where
// it is spoken to by TLS. A value.
#pragma once

#include <string>
#include <string_view>

namespace aforro::redis {

inline constexpr int kDefaultPort = 6379;

struct Address {
  std::string host;
  int port = kDefaultPort;
  std::string user = {};  // empty: the default one
  std::string password = {};
  int database = 0;
  bool is_encrypted = false;

  friend bool operator==(const Address&, const Address&) = default;
};

// Reads redis[s]://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], an IPv6 host in brackets, user and password with
// %-escapes for what is none of A-Z a-z 0-9 -._~!$&'()*+,;=. Throws Problem (invalid) that says what is wrong
// and quotes nothing of it.
Address parse_address(std::string_view url);

// As it is shown, which leaves out who asks: redis://cache.example:6379/0.
std::string to_string(const Address& address);

}  // namespace aforro::redis

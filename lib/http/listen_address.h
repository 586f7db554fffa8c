// Where a server listens. Values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace aforro::http {

struct TcpAddress {
  std::string host = "127.0.0.1";  // an IPv6 address without its brackets
  int port = 8000;                 // 0: any that is free
};

struct UnixAddress {
  std::string path;      // of the socket's file
  unsigned mode = 0660;  // who may connect: those whom the file's permissions let write it
};

// A socket that another program has opened for this one, and that listens already.
struct InheritedSocket {
  int descriptor = -1;
};

using ListenAddress = std::variant<TcpAddress, UnixAddress, InheritedSocket>;

// As one writes it: "127.0.0.1:8000", "localhost:8000", "[::1]:8000"; "8000", which is 127.0.0.1:8000;
// ":8000", which is every IPv4 address of the machine; "unix:aforro.sock". Nothing if the host is none, the
// port is no number of 0 to 65535, or the path is empty, has control characters, or begins with "@", by which
// others mean a socket without a file.
std::optional<ListenAddress> parse_listen_address(std::string_view text);

// The permissions of a file in octal, "660"; nothing if it is not one to four digits of 0 to 0777.
std::optional<unsigned> parse_socket_mode(std::string_view text);

// "http://127.0.0.1:8000", "https://[::1]:8443", "unix:/run/shop/aforro.sock".
std::string to_string(const ListenAddress& address, bool is_encrypted = false);

}  // namespace aforro::http

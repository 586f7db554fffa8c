// Our program and its peer, asked the same in alternation, and one table of what came of it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>

#include "support/location.h"

namespace aforro::bench {

struct Peer {
  int port;
  std::filesystem::path folder;                    // its pid files
  std::optional<std::chrono::milliseconds> start;  // its web server's, to the first answer, where known
};

// A web server that serves the files of a folder.
struct FileServer {
  int port;
  std::filesystem::path folder;
  pid_t pid;
  int tls_port = 0;                       // where it serves the same files over TLS; 0: nowhere
  std::filesystem::path tls_folder = {};  // with the certificate and key for that, cert.pem and key.pem
};

struct Comparison {
  test::Location database;  // ours: a file that is made anew, or an empty database of PostgreSQL
  std::optional<Peer> peer;
  std::optional<FileServer> file_server;
  std::size_t rounds = 3;
  std::chrono::milliseconds duration{3000};  // of one side in one round
  std::size_t connections = 32;
  std::string only = {};  // lines whose name has this in it; all if empty
};

// Prints the table. True if every answer was right, however slow.
bool compare(const Comparison& plan);

}  // namespace aforro::bench

// `aforro serve` as a process of its own on a free port of 127.0.0.1, or on a Unix socket. All that it writes
// to standard error is kept in one file for each database, over restarts too. Ends with this object. Where
// AFORRO_TEST_TLS=1 it speaks HTTPS on a port, unless the test says otherwise, and so do the clients of the
// tests (client_stream.h). Where AFORRO_TEST_REDIS=1, it shares the tests' Redis with the others. What a test
// starts by itself, as a Process or a Program, says what it speaks.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/location.h"
#include "support/program.h"

namespace aforro::test {

class Server {
 public:
  // Listens on a free port unless the arguments say another place, or a socket is handed over. Returns once
  // it accepts connections. Throws, with what it wrote, if it does not come to that.
  explicit Server(Location database, const std::vector<std::string>& arguments = {},
                  const Setting& setting = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  int port() const { return port_; }                               // 0 on a Unix socket
  const std::filesystem::path& socket() const { return socket_; }  // empty on a port
  std::string scheme() const { return is_encrypted_ ? "https" : "http"; }
  std::string url() const { return scheme() + "://127.0.0.1:" + std::to_string(port_); }
  pid_t pid() const { return process_->pid(); }
  const Location& database() const { return database_; }

  // True while the process has not ended.
  bool is_running() const { return !process_->wait(std::chrono::milliseconds(0)); }

  // Asks it to end (SIGTERM) and waits. Its exit status, or minus the signal that killed it. Throws if it
  // stays.
  int stop();
  // Waits for an end that is due anyway.
  int wait();

  // Ends it as a power cut would (SIGKILL).
  void kill();

  // What it wrote to standard error so far, this time and before.
  std::string log() const;

  // Sets a limit (RLIMIT_…) of the running process; only the soft one, so that it can be lifted again.
  void limit(const Limit& limit) const;

 private:
  Location database_;
  std::filesystem::path log_file_;
  std::unique_ptr<Process> process_;
  int out_ = -1;  // kept open: a server must not die of a closed standard output
  int port_ = 0;
  bool is_encrypted_ = false;
  std::filesystem::path socket_;
};

}  // namespace aforro::test

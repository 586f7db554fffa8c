// A PostgreSQL server of the tests' own: its files in a folder of its own, on a free port of 127.0.0.1, gone
// with this object and at the latest with the thread that made it. Run as root, it is another user's.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/certificate.h"
#include "support/postgres_session.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace aforro::test {

class PostgresCluster {
 public:
  enum class Writes {
    to_memory,  // quick; a crash of the system would lose them, one of the server does not
    to_disk,    // fsync, as in earnest
  };

  // True if there is a server to be started.
  static bool is_installed();

  // The one that the tests of this process share. Started by the first that asks.
  static PostgresCluster& shared();

  // `settings` are as its command line takes them, and come last: {"-cmax_connections=20"}.
  explicit PostgresCluster(Writes writes = Writes::to_memory, std::vector<std::string> settings = {});
  // A standby of that one, by streaming, which calls itself so; the primary must write its log to disk.
  PostgresCluster(const PostgresCluster& primary, const std::string& name);
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;
  ~PostgresCluster();

  // postgres://aforro:…@127.0.0.1:…/name, of a user who may make databases but is no superuser.
  std::string url(std::string_view name) const;

  int port() const { return port_; }
  std::string socket_folder() const;

  // From now on it has that certificate, and takes TLS beside what it took before.
  void encrypt(const Certificate& certificate);

  // Makes a database, as a copy of another one if so asked, and returns its name.
  std::string create_database(std::string_view copy_of = "template1");
  void drop_database(const std::string& name);

  // The rows of a statement as text, run as superuser. Throws with the server's words if it fails.
  PostgresSession::Rows query(std::string_view database, const std::string& sql) const;

  // The server as a whole: `stop` lets it write what it has and cuts all sessions, `kill` is its crash (it
  // recovers at the next `start`). `signal` reaches the server and every session (SIGSTOP, SIGCONT).
  void start();
  void stop();
  void kill();
  void signal(int number) const;
  // Of a standby: returns when it takes writes.
  void promote() const;

 private:
  std::filesystem::path data() const { return folder_ / "data"; }
  bool try_to_start();
  bool is_answering() const;

  TemporaryFolder folder_;
  Writes writes_;
  std::vector<std::string> settings_;
  int port_ = 0;
  int databases_ = 0;
  std::unique_ptr<Process> server_;
};

}  // namespace aforro::test

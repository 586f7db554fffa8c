// A Redis of the tests' own: without files, on a free port of 127.0.0.1, gone with this object and at the
// latest with the thread that made it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "redis/address.h"
#include "redis/reply.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace aforro::test {

class RedisServer {
 public:
  // True if there is a server to be started, and a program that can speak to it.
  static bool is_installed();

  // The one that the tests of this process share. Started by the first that asks.
  static RedisServer& shared();

  // `settings` are as its command line takes them, {"--requirepass", "sesame"}.
  explicit RedisServer(const std::vector<std::string>& settings = {});
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;
  ~RedisServer();

  redis::Address address() const { return {.host = "127.0.0.1", .port = port_}; }
  // redis://127.0.0.1:…, with the user and password in front of it that are given, "ann:sesame".
  std::string url(const std::string& who = "") const;

  // Its crash, and another life at the same place, with nothing in it, by other settings if there are any.
  void kill();
  void start(const std::vector<std::string>& settings = {});
  // SIGSTOP, SIGCONT.
  void signal(int number) const { server_->signal(number); }

  // What an administrator types; the default user, who is let in by the password. Throws if there is no
  // answer.
  redis::Reply ask(std::initializer_list<std::string_view> words, const std::string& password = "") const;

 private:
  bool try_to_start(const std::vector<std::string>& settings);

  TemporaryFolder folder_;
  int port_ = 0;
  std::unique_ptr<Process> server_;
};

}  // namespace aforro::test

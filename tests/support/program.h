// The built program, run as a user would: as a process, with arguments, without a shell. Which program that
// is says AFORRO_PROGRAM in the environment. A child dies with the thread that started it, at the latest.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aforro::test {

// A limit of the system on a process: RLIMIT_… and its value.
struct Limit {
  int resource = 0;
  std::uint64_t value = 0;
};

struct Setting {
  std::filesystem::path program = {};     // another than program_path()
  std::optional<std::string> input = {};  // standard input; none: /dev/null
  // On top of our own environment, from which all that sets the program (AFORRO_…, DB_…, REDIS_…) is left
  // out.
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::filesystem::path folder = {};  // to work in; none: an empty one
  std::vector<Limit> limits = {};
  std::chrono::milliseconds timeout = std::chrono::minutes(2);  // then it is killed, and that throws
  std::optional<uid_t> user = {};                               // to run as, in no group; needs root
  int terminal = -1;  // the descriptor of one, to be the controlling terminal; -1: none, whatever ours is
  // A descriptor to hand over as systemd does: it becomes 3, and LISTEN_PID and LISTEN_FDS say so, unless the
  // environment says something else of them. -1: none.
  int handed_over = -1;
};

// Where the program is. Throws if AFORRO_PROGRAM does not say.
std::filesystem::path program_path();

// The program of a version still to come, whose schema is one step further: AFORRO_NEXT_PROGRAM in the
// environment. It is built of the same sources; see tests/next/schema.cpp.
std::filesystem::path next_program_path();

// A running child with the given descriptors as its standard streams. Killed with this object, if it still
// runs.
class Process {
 public:
  Process(const std::vector<std::string>& command, const Setting& setting, int in, int out, int err);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  pid_t pid() const { return pid_; }
  void signal(int number) const;

  // Waits for its end. Its exit status, or minus the signal that killed it; nothing if it still runs after
  // the timeout.
  std::optional<int> wait(std::chrono::milliseconds timeout);

 private:
  pid_t pid_ = -1;
  int descriptor_ = -1;
  std::optional<int> status_;
};

struct ProgramResult {
  int exit_status = 0;  // or minus the signal that killed it
  std::string out;
  std::string err;
};

// The program under way. Standard output and error are collected, neither is a terminal.
class Program {
 public:
  explicit Program(const std::vector<std::string>& arguments, const Setting& setting = {});
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  pid_t pid() const { return process_.pid(); }
  void signal(int number) const { process_.signal(number); }

  bool is_running() { return !process_.wait(std::chrono::milliseconds(0)); }

  // What it wrote to standard output so far.
  std::string out() const;

  // Waits for its end. Throws if that takes longer than the timeout.
  ProgramResult finish();

 private:
  int in_;
  int out_;
  int err_;
  std::chrono::milliseconds timeout_;
  Process process_;
};

// Runs the program to its end.
ProgramResult run_program(const std::vector<std::string>& arguments, const Setting& setting = {});

}  // namespace aforro::test

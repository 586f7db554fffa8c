#include "bench/processes.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace aforro::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kParentField = 1;  // of /proc/PID/stat, counted from the state on
constexpr std::size_t kUserTimeField = 11;
constexpr std::size_t kSystemTimeField = 12;

// The fields behind the name, which may hold anything. Empty if there is no such process any more.
std::vector<std::string> stat_fields(const fs::path& process) {
  std::ifstream file(process / "stat");
  const std::string line{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t name_end = line.rfind(')');
  std::vector<std::string> fields;
  if (name_end == std::string::npos) return fields;
  std::istringstream rest(line.substr(name_end + 1));
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

fs::path folder_of(pid_t process) { return fs::path("/proc") / std::to_string(process); }

// "VmRSS:      1234 kB"
std::int64_t read_kib(const fs::path& file, std::string_view name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name)) return std::stoll(line.substr(name.size()));
  }
  throw std::runtime_error("there is no " + std::string(name) + " in " + file.string());
}

pid_t read_pid(const fs::path& file) {
  pid_t pid = 0;
  if (!(std::ifstream(file) >> pid)) throw std::runtime_error("no process is named in " + file.string());
  return pid;
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> all;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && end == name.data() + name.size()) all.push_back(pid);
  }
  return all;
}

}  // namespace

std::vector<pid_t> process_tree(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  for (const pid_t pid : all_processes()) {
    const auto fields = stat_fields(folder_of(pid));
    if (fields.size() > kParentField) children.emplace(std::stoi(fields[kParentField]), pid);
  }
  std::vector<pid_t> tree{root};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const auto [first, last] = children.equal_range(tree[i]);
    for (auto child = first; child != last; ++child) tree.push_back(child->second);
  }
  return tree;
}

std::vector<pid_t> postgres_sessions(const std::string& database) {
  std::vector<pid_t> sessions;
  for (const pid_t pid : all_processes()) {
    std::ifstream file(folder_of(pid) / "cmdline");
    const std::string title{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    // "postgres: user database 127.0.0.1(1234) idle"
    if (title.starts_with("postgres: ") && title.find(" " + database + " ") != std::string::npos) {
      sessions.push_back(pid);
    }
  }
  return sessions;
}

std::vector<pid_t> peer_processes(const fs::path& peer_folder) {
  std::vector<pid_t> all;
  for (const char* file : {"gunicorn.pid", "celery.pid", "redis.pid", "pg/postmaster.pid"}) {
    const std::vector<pid_t> tree = process_tree(read_pid(peer_folder / file));
    all.insert(all.end(), tree.begin(), tree.end());
  }
  return all;
}

Memory memory_of(const std::vector<pid_t>& processes) {
  Memory memory;
  for (const pid_t process : processes) {
    memory.resident_bytes += read_kib(folder_of(process) / "status", "VmRSS:") * 1024;
    memory.proportional_bytes += read_kib(folder_of(process) / "smaps_rollup", "Pss:") * 1024;
  }
  return memory;
}

double cpu_seconds_of(const std::vector<pid_t>& processes) {
  std::int64_t ticks = 0;
  for (const pid_t process : processes) {
    const auto fields = stat_fields(folder_of(process));
    if (fields.size() > kSystemTimeField)
      ticks += std::stoll(fields[kUserTimeField]) + std::stoll(fields[kSystemTimeField]);
  }
  return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double wait_until_idle(const std::vector<pid_t>& processes) {
  using std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kLook{100};
  constexpr double kIdleSeconds = 0.015;  // in one look: a tick of the clock that counts
  constexpr int kIdleLooks = 3;
  const auto begin = steady_clock::now();
  auto last_busy = begin;
  double before = cpu_seconds_of(processes);
  for (int idle = 0; idle < kIdleLooks && steady_clock::now() < begin + std::chrono::minutes(1);) {
    std::this_thread::sleep_for(kLook);
    const double now = cpu_seconds_of(processes);
    const bool is_idle = now - before < kIdleSeconds;
    idle = is_idle ? idle + 1 : 0;
    if (!is_idle) last_busy = steady_clock::now();
    before = now;
  }
  return std::chrono::duration<double>(last_busy - begin).count();
}

}  // namespace aforro::bench

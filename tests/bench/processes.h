// What processes of this machine use, as the kernel counts it in /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace aforro::bench {

// A process and all that descend from it.
std::vector<pid_t> process_tree(pid_t root);

// The processes of the peer, by the files in its folder that name them.
std::vector<pid_t> peer_processes(const std::filesystem::path& peer_folder);

// Those of PostgreSQL that serve a database, as they name themselves.
std::vector<pid_t> postgres_sessions(const std::string& database);

struct Memory {
  std::int64_t resident_bytes = 0;      // VmRSS, mapped file pages too; a shared page counts in each process
  std::int64_t proportional_bytes = 0;  // PSS: a shared page is divided among those that share it
};

// In sum. Throws std::runtime_error if one of them can't be looked at.
Memory memory_of(const std::vector<pid_t>& processes);

// Processor time that the processes have used so far, in sum, to 10 ms.
double cpu_seconds_of(const std::vector<pid_t>& processes);

// Waits until they have next to nothing to do, a minute at most. Returns for how many seconds they had.
double wait_until_idle(const std::vector<pid_t>& processes);

}  // namespace aforro::bench

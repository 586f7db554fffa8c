// Every SQL text that connections opened while it lives have run, as SQLite itself reports them: what the
// program really says, not a copy of it. One at a time; it must outlive those connections. Safe from any
// thread.
#pragma once

#include <cstddef>
#include <set>
#include <string>

namespace aforro::test {

class StatementLog {
 public:
  StatementLog();
  StatementLog(const StatementLog&) = delete;
  StatementLog& operator=(const StatementLog&) = delete;
  ~StatementLog();

  std::set<std::string> texts() const;
  std::size_t count() const;  // how often any was run
  void clear();
};

}  // namespace aforro::test

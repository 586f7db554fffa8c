// Every SQL text that connections opened while it lives have run, as SQLite itself reports them: what the
// program really says, not a copy of it. One at a time; it must outlive those connections. Safe from any
// thread.
#pragma once

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
  void clear();
};

}  // namespace aforro::test

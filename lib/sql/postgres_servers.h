// The servers that a url names, of which one is used: the first that takes a session, beginning with the one
// that took the last. Part of the driver; safe from any thread.
//
// Once another one is used, or the same in another life, sessions of before are not: what is written there
// could be lost. Nor is a server whose history ends before that of one used already: an old primary that came
// back.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "sql/postgres_address.h"
#include "sql/postgres_breaker.h"
#include "sql/postgres_link.h"
#include "sql/postgres_pulse.h"

namespace aforro::sql {

class PostgresServers {
 public:
  // The breaker, if any, is told of what the servers say. Throws Problem (invalid) if the url can't be read.
  explicit PostgresServers(const std::string& url, PostgresBreaker* breaker = nullptr);
  PostgresServers(const PostgresServers&) = delete;
  PostgresServers& operator=(const PostgresServers&) = delete;

  // Opens a session. Of several servers each has its share of the deadline, so that one which says nothing
  // leaves time for the next. Throws Unavailable, with what each of them said, and NoSessionLeft if one had
  // none left. The session must not outlive this.
  std::unique_ptr<PostgresLink> connect(const PostgresLink::Timeouts& timeouts);

 private:
  struct Server {
    Server(const PostgresAddress& address, const PostgresHost& at, PostgresBreaker* breaker);
    const PostgresHost host;
    PostgresPulse pulse;
  };

  std::unique_ptr<PostgresLink> connect(std::size_t index, const PostgresLink::Timeouts& timeouts);
  std::size_t first_to_try() EXCLUDES(mutex_);
  void take(std::size_t index, PostgresLink& link) EXCLUDES(mutex_);

  const PostgresAddress address_;
  std::vector<std::unique_ptr<Server>> servers_;
  std::atomic<std::uint64_t> era_ = 0;  // begins anew with each server, and each life of it
  Mutex mutex_;
  std::size_t used_ GUARDED_BY(mutex_) = 0;
  std::string life_ GUARDED_BY(mutex_);           // of the one used
  std::string system_ GUARDED_BY(mutex_);         // which has been written to
  std::int64_t timeline_ GUARDED_BY(mutex_) = 0;  // the last
};

}  // namespace aforro::sql

// How the processes of a shop tell each other that a confirmation is due: by Redis while it is there, else by
// PostgreSQL. Between processes on one file nothing needs to be told: its change mark is looked at.
#pragma once

#include <functional>
#include <memory>

#include "app/database.h"
#include "app/redis.h"
#include "base/bell.h"

namespace aforro::app {

class Bells {
 public:
  // Both `redis`, which may be null, and what `heard` needs must outlive it. An empty `heard` listens to
  // nothing.
  Bells(const DatabaseChoice& database, SharedRedis* redis, const std::function<void()>& heard);

  // Never waits. Safe from any thread.
  void ring() const;

 private:
  SharedRedis* const redis_;
  std::unique_ptr<Bell> of_redis_;
  std::unique_ptr<Bell> of_postgres_;
};

// For a command that has committed an order: servers hear of it by PostgreSQL, whatever else they share.
void ring_once(const DatabaseChoice& database) noexcept;

}  // namespace aforro::app

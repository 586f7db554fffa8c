#include "app/bells.h"

#include "sql/postgres.h"

namespace aforro::app {

Bells::Bells(const DatabaseChoice& database, SharedRedis* redis, const std::function<void()>& heard)
    : redis_(redis),
      of_redis_(redis == nullptr ? nullptr : redis->bell(heard)),
      of_postgres_(is_postgres(database) ? sql::make_postgres_bell(database.location, heard) : nullptr) {}

void ring_once(const DatabaseChoice& database) noexcept {
  if (is_postgres(database)) sql::ring_postgres_bell(database.location);
}

void Bells::ring() const {
  if (of_redis_ != nullptr && (of_postgres_ == nullptr || redis_->client().is_there()))
    return of_redis_->ring();
  if (of_postgres_ != nullptr) of_postgres_->ring();
}

}  // namespace aforro::app

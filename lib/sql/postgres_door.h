// What is known of a server's being there, shared by all connections to it, so that threads do not pile up in
// front of one that is away. Part of the driver; safe from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/function_ref.h"
#include "sql/postgres_connection.h"

namespace aforro::sql {

class PostgresDoor {
 public:
  // `knock` says whether the server answers at all, within a deadline of its own.
  explicit PostgresDoor(std::function<bool()> knock) : knock_(std::move(knock)) {}

  // Makes a connection. After a failure only one thread at a time tries, now and then; the others are refused
  // at once, as that one was.
  std::unique_ptr<PostgresConnection> connect(FunctionRef<std::unique_ptr<PostgresConnection>()> attempt);

  // For whoever has been waiting long for an answer: false if the server gives none to anybody.
  bool is_answered();

 private:
  using Clock = std::chrono::steady_clock;

  void succeeded();
  void failed(const std::string& why);

  const std::function<bool()> knock_;
  std::mutex mutex_;
  Clock::time_point answered_at_;
  std::optional<Clock::time_point> failed_at_;  // nothing: the last attempt succeeded
  std::string why_;
  bool is_tried_ = false;  // by some thread, just now
  std::mutex knocking_;    // held by the one that knocks
};

}  // namespace aforro::sql

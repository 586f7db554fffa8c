// Writes that certainly stand in one batch of the SQLite writer, in a known order.
#pragma once

#include <atomic>
#include <exception>
#include <filesystem>
#include <functional>
#include <latch>
#include <list>
#include <memory>
#include <thread>
#include <vector>

#include "sql/sqlite_writer.h"

namespace aforro::test {

using Work = std::function<void(sql::Connection&)>;

// A writer beside that of a database, on the same file.
struct OwnWriter {
  explicit OwnWriter(const std::filesystem::path& path, const sql::SqliteOptions& options = {});

  std::unique_ptr<sql::SqliteFile> file;
  sql::SqliteLog log;
  sql::SqliteWriter writer;
};

// Keeps a writer busy with a piece of its own, so that others queue up behind it.
class HeldWriter {
 public:
  explicit HeldWriter(sql::SqliteWriter& writer);
  HeldWriter(const HeldWriter&) = delete;
  HeldWriter& operator=(const HeldWriter&) = delete;
  ~HeldWriter();

  // Returns once the piece waits.
  void queue(Work work);

  // The same for a call that writes once by this writer; or returns once it has ended without.
  void queue_call(std::function<void()> call);

  // Lets the writer go on. What each piece threw, in order; null where it was acknowledged.
  std::vector<std::exception_ptr> release();

 private:
  struct Queued {
    std::function<void()> call;
    std::exception_ptr outcome;
    std::atomic<bool> has_ended = false;
    std::thread thread;
  };

  sql::SqliteWriter& writer_;
  std::latch held_{1};
  std::latch free_{1};
  std::thread holder_;
  std::list<Queued> queued_;
};

std::vector<std::exception_ptr> write_together(sql::SqliteWriter& writer, const std::vector<Work>& pieces);

}  // namespace aforro::test

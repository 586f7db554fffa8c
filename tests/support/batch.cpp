#include "support/batch.h"

#include <utility>

namespace aforro::test {

OwnWriter::OwnWriter(const std::filesystem::path& path, const sql::SqliteOptions& options)
    : file(sql::SqliteFile::find(path)), log(*file, options.max_log_bytes), writer(*file, options, log) {}

HeldWriter::HeldWriter(sql::SqliteWriter& writer)
    : writer_(writer), holder_([this] {
        bool is_first_time = true;
        writer_.write([&](sql::Connection&) {
          if (!std::exchange(is_first_time, false)) return;
          held_.count_down();
          free_.wait();
        });
      }) {
  held_.wait();
}

HeldWriter::~HeldWriter() {
  if (holder_.joinable()) release();
}

void HeldWriter::queue(Work work) {
  queue_call([this, work = std::move(work)] { writer_.write(work); });
}

void HeldWriter::queue_call(std::function<void()> call) {
  const std::size_t waiting_before = writer_.waiting();
  Queued& queued = queued_.emplace_back();
  queued.call = std::move(call);
  queued.thread = std::thread([&queued] {
    try {
      queued.call();
    } catch (...) {
      queued.outcome = std::current_exception();
    }
    queued.has_ended = true;
  });
  while (!queued.has_ended && writer_.waiting() == waiting_before) std::this_thread::yield();
}

std::vector<std::exception_ptr> HeldWriter::release() {
  free_.count_down();
  holder_.join();
  std::vector<std::exception_ptr> outcomes;
  for (Queued& queued : queued_) {
    queued.thread.join();
    outcomes.push_back(queued.outcome);
  }
  return outcomes;
}

std::vector<std::exception_ptr> write_together(sql::SqliteWriter& writer, const std::vector<Work>& pieces) {
  HeldWriter held(writer);
  for (const Work& work : pieces) held.queue(work);
  return held.release();
}

}  // namespace aforro::test

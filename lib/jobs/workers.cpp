// Each kind of job has a lane: some threads that claim jobs of that kind, run them and hand over their ends.
// One more thread, the keeper, writes ends, renews leases and looks for jobs that other processes have
// queued, or that are due again; what others queue is mostly told before that (base/bell.h). One pool of
// threads for all kinds was there first: a slow job held back the periodic ones (head-of-line blocking).
//
// How many jobs a lane claims at once follows from its last batch. Fast jobs are claimed many at a time,
// since each claim and each writing of ends is a transaction. Slow jobs are claimed one at a time: those
// behind a slow one would wait for it while another worker could run them, and be lost with it. So a batch
// that was run whole in less than kLongestBatch doubles the next, and one that took longer cuts the next to
// what fits half of that time.
#include "jobs/workers.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace aforro::jobs {
namespace {

constexpr std::chrono::milliseconds kSettleEvery{250};
constexpr std::chrono::seconds kKeepEvery{10};

// After so long no other job of a batch is begun; the next batch should take half of it.
constexpr std::chrono::milliseconds kLongestBatch{20};
constexpr std::size_t kMostAtOnce = 64;

}  // namespace

std::function<Handler(std::span<const Job>)> one_by_one(Handler handler) {
  return [handler = std::move(handler)](std::span<const Job>) { return handler; };
}

// The threads of one kind, and what they share.
class Workers::Lane {
 public:
  explicit Lane(Kind of) : kind(std::move(of)) {}

  const Kind kind;
  CondVar woken;
  std::atomic<bool> is_due = true;  // what earlier processes left is looked at first

  std::size_t at_once() const { return at_once_; }

  // Learns how many jobs of a batch were run, and how long they took.
  void took(std::size_t run, std::size_t claimed, std::chrono::nanoseconds time) {
    if (time >= kLongestBatch) {
      const auto share = static_cast<double>(kLongestBatch.count()) / 2 /
                         std::chrono::duration<double, std::milli>(time).count();
      at_once_ = std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(run) * share));
    } else if (run == claimed && claimed >= at_once_) {
      at_once_ = std::min(kMostAtOnce, claimed * 2);
    }
  }

 private:
  std::atomic<std::size_t> at_once_ = 1;
};

Workers::Workers(Queue& queue, std::vector<Kind> kinds, const Clock& clock, Log& log,
                 std::chrono::milliseconds look_every)
    : queue_(queue), clock_(clock), log_(log), look_every_(look_every), in_hand_(queue, clock, log) {
  for (Kind& kind : kinds) {
    names_.push_back(kind.name);
    if (kind.period) periodic_.push_back({kind.name, *kind.period});
    lanes_.push_back(std::make_unique<Lane>(std::move(kind)));
  }
  threads_.emplace_back([this] { keep(); });
  try {
    for (const auto& lane : lanes_) {
      for (std::size_t i = 0; i < lane->kind.threads; ++i) start(*lane);
    }
  } catch (...) {
    stop(std::chrono::hours(1));  // those that were started
    throw;
  }
}

void Workers::start(Lane& lane) {
  {
    const Lock lock(mutex_);
    ++at_work_;
  }
  try {
    threads_.emplace_back([this, &lane] { work(lane); });
  } catch (...) {
    const Lock lock(mutex_);
    --at_work_;
    throw;
  }
}

Workers::~Workers() {
  while (!stop(std::chrono::hours(1))) {
  }
}

void Workers::wake(std::string_view kind) {
  for (const auto& lane : lanes_) {
    if (lane->kind.name != kind || lane->is_due.exchange(true)) continue;
    { const Lock lock(mutex_); }  // a thread that has just looked at is_due is waiting by now
    lane->woken.notify_one();
  }
}

bool Workers::stop(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  Lock lock(mutex_);
  if (!stopping_.exchange(true)) {
    for (const auto& lane : lanes_) lane->woken.notify_all();
    left_.notify_all();
  }
  while ((at_work_ > 0 || is_kept_) && left_.wait_until(mutex_, until)) {
  }
  if (at_work_ > 0 || is_kept_) return false;
  lock.unlock();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  return true;
}

std::map<std::string, std::int64_t> Workers::running() const { return in_hand_.running(); }

// The jobs of one claim, and how far its thread is ahead of the disk with them.
class Workers::Batch {
 public:
  Batch(InHand& in_hand, std::vector<Job> jobs) : in_hand_(in_hand), jobs_(std::move(jobs)) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() { in_hand_.forget(jobs_); }  // some are left only where something was thrown

  const std::vector<Job>& jobs() const { return jobs_; }
  std::chrono::nanoseconds time() const { return time_; }

  void end(const Job& job, End end, std::chrono::nanoseconds took = {}) {
    last_ = in_hand_.end(job, std::move(end));
    time_ += took;
    ahead_ += took;
  }

  // Returns once another job may begin: when so much work is not on disk that a crash must not repeat more.
  void let_disk_catch_up() {
    if (ahead_ >= kMostAhead) wait_until_written();
  }
  void wait_until_written() {
    if (last_ > 0) in_hand_.wait_until_written(last_);
    ahead_ = {};
  }

 private:
  InHand& in_hand_;
  const std::vector<Job> jobs_;
  InHand::Number last_ = 0;
  std::chrono::nanoseconds time_{0};   // that they took
  std::chrono::nanoseconds ahead_{0};  // that those took whose ends may not be written
};

void Workers::work(Lane& lane) {
  for (;;) {
    {
      const Lock lock(mutex_);
      while (!lane.is_due.exchange(false) && !stopping_) lane.woken.wait(mutex_);
      if (stopping_) break;
    }
    try {
      while (!stopping_ && run_batch(lane)) {
      }
    } catch (const std::exception& fault) {
      log_.error("jobs_unavailable", {{"kind", lane.kind.name}, {"error", fault.what()}});
    }
  }
  leave();
}

void Workers::leave() {
  {
    const Lock lock(mutex_);
    --at_work_;
  }
  left_.notify_all();
  // The keeper may be waiting for the last worker to leave.
  in_hand_.hurry();
}

// Ends with waiting until the batch's ends are written: a claim that came before would find few jobs, and
// each claim is a transaction.
bool Workers::run_batch(Lane& lane) {
  if (in_hand_.is_stuck() || !queue_.has_due(lane.kind.name)) return false;
  Batch batch(in_hand_, queue_.claim(lane.kind.name, static_cast<std::int64_t>(lane.at_once())));
  in_hand_.take(batch.jobs());
  Handler handler;
  std::size_t run = 0;
  for (const Job& job : batch.jobs()) {
    batch.let_disk_catch_up();
    if (batch.time() >= kLongestBatch || stopping_ || !in_hand_.may_begin(job)) {
      batch.end(job, NotBegun());
      continue;
    }
    const auto begun = clock_.steady();
    std::optional<std::string> fault = fault_of(lane.kind, batch.jobs(), handler, job);
    batch.end(job, fault ? End(Failed{*std::move(fault)}) : End(Done()), clock_.steady() - begun);
    ++run;
  }
  batch.wait_until_written();
  lane.took(run, batch.jobs().size(), batch.time());
  return !batch.jobs().empty();
}

// What went wrong with the job; nothing if it was done.
std::optional<std::string> Workers::fault_of(const Kind& kind, std::span<const Job> batch, Handler& handler,
                                             const Job& job) const {
  std::string error;
  try {
    if (!handler) handler = kind.batch(batch);
    handler(job);
    return std::nullopt;
  } catch (const std::exception& fault) {
    error = fault.what();
  } catch (...) {
    error = "its handler threw what is no exception";
  }
  log_.warning("job_failed",
               {{"job_id", job.id}, {"kind", job.kind}, {"attempt", job.attempt}, {"error", error}});
  return error;
}

void Workers::keep() {
  for (bool is_over = false; !is_over;) {
    is_over = stopping_ && !has_workers();  // what they have left behind is settled once more
    try {
      in_hand_.settle();
      const auto now = std::chrono::steady_clock::now();
      if (!stopping_ && is_time_to_look(now)) look(now);
      if (!is_over) in_hand_.await_hurry(std::min(kSettleEvery, look_every_));
    } catch (const std::exception& fault) {
      log_.error("jobs_unavailable", {{"error", fault.what()}});
      rest();
    }
  }
  {
    const Lock lock(mutex_);
    is_kept_ = false;
  }
  left_.notify_all();
}

// Called when the database could not be reached: what is not written is tried again soon. While stopping
// nothing is waited for; the jobs come again when their leases end.
void Workers::rest() {
  {
    const auto until = std::chrono::steady_clock::now() + kSettleEvery;
    const Lock lock(mutex_);
    while (!stopping_ && left_.wait_until(mutex_, until)) {
    }
  }
  if (stopping_) in_hand_.abandon();
}

// Where the engine has a mark that moves with every commit, it is looked at more often than the queue.
bool Workers::is_time_to_look(std::chrono::steady_clock::time_point now) {
  const auto mark = queue_.change_mark();
  const bool has_moved = mark && mark != seen_mark_;
  if (!has_moved && now < look_at_) return false;
  seen_mark_ = mark;
  look_at_ = now + look_every_;
  return true;
}

void Workers::look(std::chrono::steady_clock::time_point now) {
  if (!periodic_.empty() && now >= keep_next_) {
    queue_.keep(periodic_);
    keep_next_ = now + kKeepEvery;
  }
  const std::vector<bool> have_due = queue_.have_due(names_);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (have_due[i]) wake(names_[i]);
  }
}

bool Workers::has_workers() const {
  const Lock lock(mutex_);
  return at_work_ > 0;
}

}  // namespace aforro::jobs

// Each thread has an epoll, a share of the connections and, in an open loop, of the requests: those whose
// number is its own modulo the threads. So threads share nothing but the counter of a closed loop.
#include "support/load.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <exception>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

namespace aforro::test {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Moment = SteadyClock::time_point;

constexpr std::chrono::seconds kPatience{10};
constexpr int kWaitMs = 100;  // after which a thread looks whether its patience has ended
constexpr std::size_t kShownBytes = 300;

struct Shared {
  Moment begin;
  Moment measured_from;
  Moment end;
  std::atomic<std::size_t> next{0};
};

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category());
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(descriptor_); }
  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

class Worker {
 public:
  Worker(const Load& load, Shared& shared, std::size_t index, std::size_t connections)
      : load_(load),
        shared_(shared),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
        next_(index) {
    watch(timer_.get(), nullptr, EPOLLIN);
    for (std::size_t i = 0; i < connections; ++i) {
      slots_.push_back(std::make_unique<Slot>(load.port));
      watch_slot(*slots_.back());
    }
  }

  void run() {
    for (const auto& slot : slots_) go_on(*slot);
    std::array<epoll_event, 64> events{};
    while (in_flight_ > 0 || has_due_later()) {
      const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), kWaitMs);
      for (int i = 0; i < count; ++i) {
        auto* const slot = static_cast<Slot*>(events[static_cast<std::size_t>(i)].data.ptr);
        slot == nullptr ? on_timer() : on_ready(*slot);
      }
      if (SteadyClock::now() > shared_.end + kPatience) break;
    }
    give_up();
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
      report_.client_cpu_seconds +=
          static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    }
  }

  const LoadReport& report() const { return report_; }
  Moment last_answer() const { return last_answer_; }

 private:
  struct Slot {
    explicit Slot(int port) : connection(port) {}
    LoadConnection connection;
    std::size_t number = 0;
    Moment due;
    bool is_waiting = false;
  };

  bool is_open_loop() const { return load_.per_second.has_value(); }
  bool has_due_later() const {
    return is_open_loop() && due(next_) < shared_.end && next_ < load_.max_requests;
  }
  Moment due(std::size_t number) const {
    const std::chrono::duration<double> after(static_cast<double>(number) / *load_.per_second);
    return shared_.begin + std::chrono::duration_cast<SteadyClock::duration>(after);
  }

  void watch(int descriptor, Slot* slot, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.ptr = slot;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
  void watch_slot(Slot& slot) const { watch(slot.connection.socket(), &slot, EPOLLIN | EPOLLOUT | EPOLLET); }

  // The connection is free: gives it what comes next, if anything does.
  void go_on(Slot& slot) {
    if (is_open_loop()) {
      idle_.push_back(&slot);
      start_due();
      return;
    }
    const Moment now = SteadyClock::now();
    if (now >= shared_.end) return;
    const std::size_t number = shared_.next.fetch_add(1, std::memory_order_relaxed);
    if (number < load_.max_requests) start(slot, number, now);
  }

  void start_due() {
    const Moment now = SteadyClock::now();
    while (!idle_.empty() && has_due_later() && due(next_) <= now) {
      Slot& slot = *idle_.back();
      idle_.pop_back();
      const std::size_t number = next_;
      next_ += load_.threads;
      start(slot, number, due(number));
    }
    if (!idle_.empty() && has_due_later()) set_timer(due(next_));
  }

  void set_timer(Moment moment) const {
    const auto since = moment.time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
    itimerspec when{};
    when.it_value.tv_sec = seconds.count();
    when.it_value.tv_nsec = std::chrono::nanoseconds(since - seconds).count();
    ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
  }

  void on_timer() {
    std::uint64_t times = 0;
    [[maybe_unused]] const ssize_t got = ::read(timer_.get(), &times, sizeof times);
    start_due();
  }

  void start(Slot& slot, std::size_t number, Moment due) {
    if (slot.connection.is_over()) {
      slot.connection.reconnect();
      ++report_.reconnects;
      watch_slot(slot);
    }
    load_.request(number, slot.connection.begin_request());
    slot.number = number;
    slot.due = due;
    slot.is_waiting = true;
    ++in_flight_;
    settle(slot, slot.connection.send());
  }

  void on_ready(Slot& slot) {
    if (slot.is_waiting) settle(slot, slot.connection.advance());
  }

  void settle(Slot& slot, LoadConnection::Progress progress) {
    if (progress == LoadConnection::Progress::under_way) return;
    slot.is_waiting = false;
    --in_flight_;
    if (progress == LoadConnection::Progress::broken) {
      wrong("the connection broke, or what came was no answer with a length");
    } else {
      take(slot);
    }
    go_on(slot);
  }

  void take(const Slot& slot) {
    const Answer answer = slot.connection.answer();
    const Moment now = SteadyClock::now();
    last_answer_ = now;
    ++report_.answered;
    const Verdict verdict = load_.judge(slot.number, answer);
    if (verdict == Verdict::wrong) {
      wrong("status " + std::to_string(answer.status) + ": " +
            std::string(answer.body.substr(0, kShownBytes)));
    }
    const bool is_measured = slot.due >= shared_.measured_from && (is_open_loop() || now <= shared_.end);
    if (!is_measured || verdict == Verdict::wrong) return;
    ++(verdict == Verdict::counted ? report_.counted : report_.passed_over);
    report_.latencies.add(now - slot.due);
  }

  void give_up() {
    for (const auto& slot : slots_) {
      if (slot->is_waiting) wrong("no answer within 10 s of the end");
    }
    for (; has_due_later(); next_ += load_.threads) wrong("never sent: no connection came free");
  }

  void wrong(const std::string& what) {
    if (++report_.wrong == 1) report_.first_wrong = what;
  }

  const Load& load_;
  Shared& shared_;
  const Descriptor epoll_;
  const Descriptor timer_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> idle_;  // of an open loop
  std::size_t next_;         // of an open loop: the request that is due next
  std::size_t in_flight_ = 0;
  Moment last_answer_;
  LoadReport report_;
};

void run_in_threads(std::vector<std::unique_ptr<Worker>>& workers) {
  std::vector<std::exception_ptr> errors(workers.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < workers.size(); ++i) {
    threads.emplace_back([&worker = *workers[i], &error = errors[i]] {
      try {
        worker.run();
      } catch (...) {
        error = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace

LoadReport run_load(const Load& load) {
  assert(load.threads > 0 && load.connections >= load.threads);
  Shared shared;
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t i = 0; i < load.threads; ++i) {
    const std::size_t connections = (load.connections + load.threads - 1 - i) / load.threads;
    workers.push_back(std::make_unique<Worker>(load, shared, i, connections));
  }
  shared.begin = SteadyClock::now();
  shared.measured_from = shared.begin + load.warm_up;
  shared.end = shared.measured_from + load.duration;
  run_in_threads(workers);

  LoadReport report;
  Moment last_answer = shared.begin;
  for (const auto& worker : workers) {
    const LoadReport& part = worker->report();
    report.counted += part.counted;
    report.passed_over += part.passed_over;
    report.wrong += part.wrong;
    if (report.first_wrong.empty()) report.first_wrong = part.first_wrong;
    report.latencies.add(part.latencies);
    report.answered += part.answered;
    report.reconnects += part.reconnects;
    report.client_cpu_seconds += part.client_cpu_seconds;
    last_answer = std::max(last_answer, worker->last_answer());
  }
  Moment until = shared.next > load.max_requests ? last_answer : shared.end;
  if (load.per_second) until = std::max(shared.end, last_answer);
  report.seconds = std::chrono::duration<double>(until - shared.measured_from).count();
  return report;
}

void append_get(std::string& to, std::string_view target) {
  to.append("GET ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
}

void append_post(std::string& to, std::string_view target, std::string_view json) {
  to.append("POST ").append(target).append(
      " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n");
  to.append("Content-Length: ").append(std::to_string(json.size())).append("\r\n\r\n").append(json);
}

bool is_order(const Answer& answer, std::string_view status) {
  static constexpr std::string_view kMember = "\"status\":\"";
  const std::size_t at = answer.body.find(kMember);
  return answer.status == 201 && at != std::string_view::npos &&
         answer.body.substr(at + kMember.size()).starts_with(status);
}

}  // namespace aforro::test

// The signals that end a server, and the one that has it read its files anew.
#pragma once

#include <csignal>
#include <functional>
#include <thread>
#include <utility>

#include "base/mutex.h"

namespace aforro::app {

// SIGTERM and SIGINT as an event instead of an interruption: blocked in this thread and all that it starts,
// they are taken by one of its own. The first stops what is to be stopped. One that comes when there is
// nothing to stop yet, and Ctrl-C before that has ended, end the process at once, which loses nothing that
// was acknowledged. A server that is ending by itself, as for want of threads, is left to say why. SIGHUP is
// no end: a terminal that is closed leaves the server be; it has the files of TLS read anew. Made before any
// other thread.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  // What the first signal is to call.
  void begin(std::function<void()> stop) {
    const Lock lock(mutex_);
    stop_ = std::move(stop);
  }
  // What SIGHUP calls, by the thread of the signals.
  void set_reload(std::function<void()> reload) {
    const Lock lock(mutex_);
    reload_ = std::move(reload);
  }
  // It is being stopped, whether by a signal or not.
  void end() {
    const Lock lock(mutex_);
    stop_ = nullptr;
    reload_ = nullptr;
    is_stopping_ = true;
  }

 private:
  void watch();

  sigset_t signals_{};
  Mutex mutex_;
  std::function<void()> stop_ GUARDED_BY(mutex_);  // none: nothing yet, or nothing any more
  std::function<void()> reload_ GUARDED_BY(mutex_);
  bool is_stopping_ GUARDED_BY(mutex_) = false;
  bool is_over_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Has the first signal call `stop`, by the thread of the signals, until it goes.
class Stoppable {
 public:
  Stoppable(StopSignals& signals, std::function<void()> stop) : signals_(signals) {
    signals_.begin(std::move(stop));
  }
  Stoppable(const Stoppable&) = delete;
  Stoppable& operator=(const Stoppable&) = delete;
  ~Stoppable() { signals_.end(); }

 private:
  StopSignals& signals_;
};

}  // namespace aforro::app

#include "app/stop_signals.h"

#include <unistd.h>

namespace aforro::app {
namespace {

void end_by(int signal) {
  std::signal(signal, SIG_DFL);
  sigset_t alone;
  sigemptyset(&alone);
  sigaddset(&alone, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &alone, nullptr);
  ::raise(signal);
  ::_exit(128 + signal);  // the first process of a container outlives a signal that it does not handle
}

}  // namespace

StopSignals::StopSignals() {
  std::signal(SIGHUP, SIG_DFL);
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  thread_ = std::thread([this] { watch(); });
}

StopSignals::~StopSignals() {
  {
    const Lock lock(mutex_);
    is_over_ = true;
  }
  ::pthread_kill(thread_.native_handle(), SIGTERM);  // it waits for one
  thread_.join();
}

void StopSignals::watch() {
  for (;;) {
    int signal = 0;
    sigwait(&signals_, &signal);
    const Lock lock(mutex_);
    if (is_over_) return;
    if (signal == SIGHUP) {
      if (reload_) reload_();
      continue;
    }
    if (is_stopping_ ? signal == SIGINT : !stop_) end_by(signal);
    if (stop_) stop_();
    is_stopping_ = true;
  }
}

}  // namespace aforro::app

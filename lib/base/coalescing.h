// What many threads ask at the same time is found out by one of them for all: for those that came before it
// began, so that no answer is older than its question. Those that come meanwhile are the next round. Safe
// from any thread; waiting takes no memory. Copying an Answer must not throw.
#pragma once

#include <utility>

#include "base/blocking.h"
#include "base/function_ref.h"
#include "base/mutex.h"

namespace aforro {

template <class Answer>
class Coalescing {
 public:
  // What `find_out` returned, called by this thread or another one after this call began. If it throws, this
  // thread throws the same, and the others of its round get an Answer{}.
  Answer ask(FunctionRef<Answer()> find_out) {
    Asking self;
    if (!begin_or_wait(self)) {
      self.turn.wait();
      if (!self.is_leading) return std::move(self.answer);
    }
    Round round(*this);
    round.answer = find_out();
    return round.answer;
  }

 private:
  struct Asking {
    Completion turn;
    Answer answer{};
    bool is_leading = false;
    Asking* next = nullptr;
  };

  // Those that one thread finds out for: told when it goes.
  class Round {
   public:
    explicit Round(Coalescing& of) : of_(of), members_(of.take_round()) {}
    Round(const Round&) = delete;
    Round& operator=(const Round&) = delete;
    ~Round() {
      Asking* const next = of_.end_round();
      while (members_ != nullptr) {
        Asking* const one = std::exchange(members_, members_->next);  // it is gone once it is told
        one->answer = answer;
        one->turn.complete();
      }
      if (next != nullptr) next->turn.complete();
    }

    Answer answer{};

   private:
    Coalescing& of_;
    Asking* members_;
  };

  // True if nobody is finding out: this thread does.
  bool begin_or_wait(Asking& self) {
    const Lock lock(mutex_);
    if (!std::exchange(is_led_, true)) return true;
    self.next = std::exchange(waiting_, &self);
    return false;
  }

  Asking* take_round() {
    const Lock lock(mutex_);
    return std::exchange(waiting_, nullptr);
  }

  // Who leads the next round; null: nobody asks.
  Asking* end_round() {
    const Lock lock(mutex_);
    Asking* const next = waiting_;
    is_led_ = next != nullptr;
    if (next == nullptr) return nullptr;
    waiting_ = next->next;
    next->is_leading = true;
    return next;
  }

  Mutex mutex_;
  Asking* waiting_ GUARDED_BY(mutex_) PT_GUARDED_BY(mutex_) = nullptr;
  bool is_led_ GUARDED_BY(mutex_) = false;
};

}  // namespace aforro

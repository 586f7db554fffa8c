// For work that can wait, beside a server that can't: while it lives, the process has the lowest priority and
// rests twice as long as it computes, some milliseconds at a time. Priority alone does little between
// processes of different sessions or services, among which Linux shares the processors evenly. One in a
// process; the thread that computes takes the rests.
#pragma once

namespace aforro::app {

class GivingWay {
 public:
  GivingWay();
  GivingWay(const GivingWay&) = delete;
  GivingWay& operator=(const GivingWay&) = delete;
  ~GivingWay();
};

}  // namespace aforro::app

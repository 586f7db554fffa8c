// The confirmation task: tells a customer that an order is confirmed, by a channel.
#pragma once

#include "base/log.h"
#include "jobs/workers.h"

namespace aforro::notify {

// Where confirmations go. A message may come more than once; its id is the same each time, so that a receiver
// can drop a repeat. Throws to have it tried again later.
class Channel {
 public:
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel() = default;
  virtual void order_confirmed(std::int64_t order_id, std::string_view message_id) = 0;
};

// One line of the log for each, whatever its level.
class LogChannel final : public Channel {
 public:
  explicit LogChannel(Log& log) : log_(log) {}
  void order_confirmed(std::int64_t order_id, std::string_view message_id) override;

 private:
  Log& log_;
};

// The handler of the shop's confirmation jobs. The channel must outlive it.
jobs::Handler confirmation_handler(Channel& channel);

}  // namespace aforro::notify

// The confirmation task: tells a customer that an order is confirmed, by a channel, unless it is no longer.
#pragma once

#include <functional>
#include <span>

#include "base/log.h"
#include "base/time.h"
#include "jobs/workers.h"
#include "sql/database.h"

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

// One line of the log for each, also where the log leaves out infos.
class LogChannel final : public Channel {
 public:
  explicit LogChannel(Log& log) : log_(log) {}
  void order_confirmed(std::int64_t order_id, std::string_view message_id) override;

 private:
  Log& log_;
};

// How the shop's confirmation jobs are done, a batch at a time. An order that is not confirmed any more when
// its turn comes (it was cancelled) is passed over, and the log says so. The look at the order is at most 10
// ms old when the channel is asked. All must outlive what is returned.
std::function<jobs::Handler(std::span<const jobs::Job>)> confirmations(sql::Database& database,
                                                                       Channel& channel, const Clock& clock,
                                                                       Log& log);

}  // namespace aforro::notify

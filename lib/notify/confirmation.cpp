// An order may be cancelled between its confirmation and the sending of the message. A look at the order
// right before each message would be exact and would cost more than the message does. So the orders of a
// batch are looked at together when its first message is due, and again one by one if the batch has gone on
// for longer than kFresh: what is sent is never based on a look older than that.
#include "notify/confirmation.h"

#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/numbers.h"
#include "shop/order_book.h"

namespace aforro::notify {
namespace {

constexpr std::chrono::milliseconds kFresh{10};

std::optional<shop::OrderId> order_of(const jobs::Job& job) {
  const auto id = parse_whole_number(job.payload, 1, shop::kMaxId);
  return id ? std::optional(shop::OrderId(*id)) : std::nullopt;
}

struct Means {
  sql::Database& database;
  Channel& channel;
  const Clock& clock;
  Log& log;
};

// Looks at the orders of the whole batch when it comes to the first, and at one of them alone when that was
// too long ago: a look for each would cost more than telling the customer does.
class Batch {
 public:
  Batch(const Means& means, std::span<const jobs::Job> jobs) : means_(means) {
    for (const jobs::Job& job : jobs) {
      if (const auto order = order_of(job)) orders_.push_back(*order);
    }
  }

  void operator()(const jobs::Job& job) {
    const auto order = order_of(job);
    if (!order) throw std::runtime_error("the payload is no order id");
    const std::optional<shop::OrderStatus> status = status_of(*order);
    if (status == shop::OrderStatus::confirmed) {
      means_.channel.order_confirmed(order->value(), "order-" + job.payload + "-confirmed");
    } else {
      means_.log.info("order_confirmation_skipped",
                      {{"order_id", order->value()}, {"status", status ? to_string(*status) : "none"}});
    }
  }

 private:
  std::optional<shop::OrderStatus> status_of(shop::OrderId order) {
    const auto now = means_.clock.steady();
    if (!looked_at_) {
      const auto statuses = shop::noted_statuses(means_.database, orders_);
      for (std::size_t i = 0; i < orders_.size(); ++i) statuses_[orders_[i]] = statuses[i];
      looked_at_ = now;
    } else if (now - *looked_at_ > kFresh) {
      return shop::noted_statuses(means_.database, {&order, 1}).front();
    }
    return statuses_.at(order);
  }

  Means means_;
  std::vector<shop::OrderId> orders_;
  std::map<shop::OrderId, std::optional<shop::OrderStatus>> statuses_;
  std::optional<std::chrono::steady_clock::time_point> looked_at_;
};

}  // namespace

void LogChannel::order_confirmed(std::int64_t order_id, std::string_view message_id) {
  log_.deliver("order_confirmation_sent", {{"order_id", order_id}, {"message_id", message_id}});
}

std::function<jobs::Handler(std::span<const jobs::Job>)> confirmations(sql::Database& database,
                                                                       Channel& channel, const Clock& clock,
                                                                       Log& log) {
  return [means = Means{database, channel, clock, log}](std::span<const jobs::Job> jobs) {
    return jobs::Handler(Batch(means, jobs));
  };
}

}  // namespace aforro::notify

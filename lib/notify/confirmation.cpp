#include "notify/confirmation.h"

#include <stdexcept>
#include <string>

#include "base/numbers.h"
#include "shop/types.h"

namespace aforro::notify {

void LogChannel::order_confirmed(std::int64_t order_id, std::string_view message_id) {
  log_.deliver("order_confirmation_sent", {{"order_id", order_id}, {"message_id", message_id}});
}

jobs::Handler confirmation_handler(Channel& channel) {
  return [&channel](const jobs::Job& job) {
    const auto order_id = parse_whole_number(job.payload, 1, shop::kMaxId);
    if (!order_id) throw std::runtime_error("the payload is no order id");
    channel.order_confirmed(*order_id, "order-" + job.payload + "-confirmed");
  };
}

}  // namespace aforro::notify

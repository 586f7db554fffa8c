// How a promoted standby is found. libpq goes through a list of hosts by itself, but polled, as it is here,
// it knows no deadline for each: a first host that is frozen, or whose machine is gone without a word, would
// take all the time there is. So each host is one attempt of ours.
//
// What must not happen is that one part of the sessions writes to the old primary and another to the new one.
// A primary that was only frozen, or cut off, comes back as one that takes writes. That nobody else uses it
// is for whoever promotes the other to see to (fencing); but a process that has used the promoted server
// drops its sessions with the old one, and takes none with it any more: PostgreSQL counts the timeline up
// with each promotion.
#include "sql/postgres_servers.h"

#include <chrono>
#include <utility>

#include "base/shortage.h"

namespace aforro::sql {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

PostgresServers::Server::Server(const PostgresAddress& address, const PostgresHost& at,
                                PostgresBreaker* breaker)
    : host(at),
      pulse([&address,
             this](milliseconds patience) { return PostgresLink::probe(address.url(), host, patience); },
            breaker) {}

PostgresServers::PostgresServers(const std::string& url, PostgresBreaker* breaker) : address_(url) {
  servers_.reserve(address_.hosts().size());
  for (const PostgresHost& host : address_.hosts()) {
    servers_.push_back(std::make_unique<Server>(address_, host, breaker));
  }
}

std::unique_ptr<PostgresLink> PostgresServers::connect(const PostgresLink::Timeouts& timeouts) {
  const std::size_t count = servers_.size();
  const std::size_t first = first_to_try();
  if (count == 1) return connect(first, timeouts);
  const auto until = steady_clock::now() + timeouts.connect;
  std::string why;
  bool has_none_left = false;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t index = (first + i) % count;
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    if (left.count() <= 0) break;
    PostgresLink::Timeouts share = timeouts;
    share.connect = std::chrono::ceil<milliseconds>(left / static_cast<double>(count - i));
    try {
      return connect(index, share);
    } catch (const Shortage&) {
      throw;
    } catch (const Unavailable& fault) {
      has_none_left = has_none_left || dynamic_cast<const NoSessionLeft*>(&fault) != nullptr;
      why += (why.empty() ? "" : "; ") + servers_[index]->host.shown() + ": " + fault.what();
    }
  }
  if (has_none_left) throw NoSessionLeft(why);
  throw Unavailable(why);
}

std::unique_ptr<PostgresLink> PostgresServers::connect(std::size_t index,
                                                       const PostgresLink::Timeouts& timeouts) {
  Server& server = *servers_[index];
  auto link = std::make_unique<PostgresLink>(address_.url(), server.host, timeouts, server.pulse);
  server.pulse.heard();
  take(index, *link);
  return link;
}

// One that was silent is left for last.
std::size_t PostgresServers::first_to_try() {
  const Lock lock(mutex_);
  return servers_[used_]->pulse.is_silent() ? (used_ + 1) % servers_.size() : used_;
}

void PostgresServers::take(std::size_t index, PostgresLink& link) {
  const PostgresLink::Greeting& greeting = link.greeting();
  const Lock lock(mutex_);
  if (!greeting.system.empty() && greeting.system == system_ && greeting.timeline > 0 &&
      greeting.timeline < timeline_) {
    throw Unavailable("this is an old primary: it is on timeline " + std::to_string(greeting.timeline) +
                      ", and a server on timeline " + std::to_string(timeline_) + " has been used since");
  }
  if (era_ == 0 || index != used_ || greeting.life != life_) ++era_;
  used_ = index;
  life_ = greeting.life;
  if (greeting.timeline > 0) {  // a standby writes none
    system_ = greeting.system;
    timeline_ = greeting.timeline;
  }
  link.belong_to(era_);
}

}  // namespace aforro::sql

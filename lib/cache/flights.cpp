#include "cache/flights.h"

#include <utility>

#include "base/blocking.h"

namespace aforro::cache {

// Ends a flight, well or not, when it goes.
class Flights::Pilot {
 public:
  Pilot(Flights& flights, std::string_view key, std::shared_ptr<Flight> flight)
      : flights_(flights), key_(key), flight_(std::move(flight)) {}
  Pilot(const Pilot&) = delete;
  Pilot& operator=(const Pilot&) = delete;
  ~Pilot() {
    {
      const Lock lock(flights_.mutex_);
      flight_->entry = entry;
      flight_->is_over = true;
      flights_.flights_.erase(flights_.flights_.find(key_));
    }
    flight_->landed.notify_all();
  }

  std::shared_ptr<const Entry> entry;

 private:
  Flights& flights_;
  const std::string_view key_;
  const std::shared_ptr<Flight> flight_;
};

std::shared_ptr<const Entry> Flights::wait_for(const std::shared_ptr<Flight>& flight) {
  const auto until = std::chrono::steady_clock::now() + patience_;
  ++waiting_;
  about_to_block();
  while (!flight->is_over && flight->landed.wait_until(mutex_, until)) {
  }
  --waiting_;
  return flight->entry;
}

Flights::Landed Flights::once(std::string_view key, FunctionRef<std::shared_ptr<const Entry>()> make) {
  auto flight = std::make_shared<Flight>();
  {
    const Lock lock(mutex_);
    const auto found = flights_.find(key);
    if (found != flights_.end()) {
      const std::shared_ptr<Flight> other = found->second;
      auto entry = waiting_ < kMaxWaiting ? wait_for(other) : nullptr;
      if (entry != nullptr) return {.entry = std::move(entry), .is_own = false};
      flight = nullptr;  // alone
    } else {
      flights_.emplace(key, flight);
    }
  }
  if (flight == nullptr) return {.entry = make(), .is_own = true};
  Pilot pilot(*this, key, std::move(flight));
  pilot.entry = make();
  return {.entry = pilot.entry, .is_own = true};
}

}  // namespace aforro::cache

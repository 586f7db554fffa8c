#include "base/faults.h"

#include "base/shorten.h"

namespace aforro {

Faults::Faults(std::initializer_list<Fault> faults) {
  for (const Fault& fault : faults) add(fault.in, fault.where, fault.detail);
}

void Faults::add(Fault::In in, std::string_view where, std::string_view detail) {
  if (listed_.size() == kMaxListed) {
    ++more_;
  } else {
    listed_.push_back({in, shortened(where, kMaxWhereBytes), shortened(detail, kMaxDetailBytes)});
  }
}

void Faults::add(FunctionRef<Fault()> make) {
  if (listed_.size() == kMaxListed) {
    ++more_;
    return;
  }
  const Fault fault = make();
  add(fault.in, fault.where, fault.detail);
}

}  // namespace aforro

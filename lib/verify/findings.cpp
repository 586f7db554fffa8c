#include "verify/findings.h"

#include <cassert>

namespace aforro::verify {

std::string_view to_string(Check check) {
  switch (check) {
    case Check::storage:
      return "storage";
    case Check::reference:
      return "reference";
    case Check::text:
      return "text";
    case Check::stock:
      return "stock";
    case Check::movement:
      return "movement";
    case Check::order:
      return "order";
    case Check::taking:
      return "taking";
    case Check::key:
      return "key";
    case Check::search:
      return "search";
  }
  assert(false);
  return "";
}

void Findings::fault(Check check, std::string detail) {
  Faults& faults = faults_[static_cast<std::size_t>(check)];
  ++faults.count;
  if (faults.named.size() < kNamed) faults.named.push_back(std::move(detail));
}

std::int64_t Findings::fault_count() const {
  std::int64_t count = 0;
  for (const Faults& faults : faults_) count += faults.count;
  return count;
}

}  // namespace aforro::verify

#include "base/problem.h"

#include <cassert>

namespace aforro {

Problem Problem::invalid(std::vector<Fault> faults) {
  assert(!faults.empty());
  std::string detail =
      faults.size() == 1 ? "The request has a fault: " : "The request has faults; the first: ";
  detail += faults.front().where.empty() ? "it" : faults.front().where;
  detail += ' ';
  detail += faults.front().detail;
  if (!detail.ends_with('?')) detail += '.';  // "did you mean min_price?"
  return {Kind::invalid, std::move(detail), std::move(faults)};
}

}  // namespace aforro

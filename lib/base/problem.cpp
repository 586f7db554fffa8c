#include "base/problem.h"

#include <cassert>

namespace aforro {

Problem Problem::invalid(Faults faults) {
  assert(!faults.empty());
  std::string detail =
      faults.listed().size() == 1 ? "The request has a fault: " : "The request has faults; the first: ";
  const Fault& first = faults.listed().front();
  detail += first.where.empty() ? "it" : first.where;
  detail += ' ';
  detail += first.detail;
  if (!detail.ends_with('?')) detail += '.';  // "did you mean min_price?"
  return {Kind::invalid, std::move(detail), std::move(faults)};
}

}  // namespace aforro

#include "http/refusals.h"

#include <utility>

namespace aforro::http {

void Refusals::of(FunctionRef<void()> read) {
  try {
    read();
  } catch (const Problem& problem) {
    if (problem.kind() != Problem::Kind::invalid) throw;
    keep(problem);
  }
}

void Refusals::keep(const Problem& problem) {
  const Faults& faults = problem.faults();
  if (faults.empty()) detail_ += (detail_.empty() ? "" : " ") + problem.detail();
  for (const Fault& fault : faults.listed()) faults_.add(fault.in, fault.where, fault.detail);
  // The list is full where others are only counted.
  for (std::size_t i = 0; i < faults.more(); ++i) faults_.add([] { return Fault(); });
}

void Refusals::finish() {
  if (detail_.empty() && faults_.empty()) return;
  if (detail_.empty()) throw Problem::invalid(std::move(faults_));
  throw Problem(Problem::Kind::invalid, detail_, std::move(faults_));
}

}  // namespace aforro::http

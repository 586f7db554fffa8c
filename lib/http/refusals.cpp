#include "http/refusals.h"

#include <utility>

#include "base/problem.h"
#include "http/problem_document.h"

namespace aforro::http {

void Refusals::of(FunctionRef<void()> read) {
  try {
    read();
  } catch (const Problem& problem) {
    if (problem.kind() != Problem::Kind::invalid) throw;
    keep(400, problem.detail(), problem.faults());
  } catch (const HttpError& error) {
    keep(error.status(), error.detail(), error.faults());
  }
}

void Refusals::keep(int status, const std::string& detail, const Faults& faults) {
  if (status_ == 400) status_ = status;
  if (faults.empty()) detail_ += (detail_.empty() ? "" : " ") + detail;
  for (const Fault& fault : faults.listed()) faults_.add(fault.in, fault.where, fault.detail);
  // The list is full where others are only counted.
  for (std::size_t i = 0; i < faults.more(); ++i) faults_.add([] { return Fault(); });
}

void Refusals::finish() {
  if (detail_.empty() && faults_.empty()) return;
  if (status_ != 400) throw HttpError(status_, detail_, {}, std::move(faults_));
  if (detail_.empty()) throw Problem::invalid(std::move(faults_));
  throw Problem(Problem::Kind::invalid, detail_, std::move(faults_));
}

}  // namespace aforro::http

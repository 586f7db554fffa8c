// The faults of the several parts of a request, thrown together: those of the query, of a header and of the
// body are named at once. Not for use by several threads.
//
//   Refusals refusals;
//   refusals.of([&] { read_query(request); });
//   refusals.of([&] { body = read_body(request); });
//   refusals.finish();
#pragma once

#include <string>

#include "base/faults.h"
#include "base/function_ref.h"
#include "base/problem.h"

namespace aforro::http {

class Refusals {
 public:
  // Reads a part. What it is refused for, a Problem (invalid), is kept; anything else that it throws passes
  // through.
  void of(FunctionRef<void()> read);

  // Throws what was kept, if anything, as one Problem: all faults, with the details of what has none (a body
  // that is no JSON).
  void finish();

 private:
  void keep(const Problem& problem);

  std::string detail_;
  Faults faults_;
};

}  // namespace aforro::http

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

namespace aforro::http {

class Refusals {
 public:
  // Reads a part. What it is refused for, a Problem (invalid) or an HttpError, is kept; anything else that it
  // throws passes through.
  void of(FunctionRef<void()> read);

  // Throws what was kept, if anything: all faults, with the details of what has none (a body that is no
  // JSON), as a Problem (invalid); as an HttpError of another status than 400 if there was one.
  void finish();

 private:
  void keep(int status, const std::string& detail, const Faults& faults);

  int status_ = 400;
  std::string detail_;
  Faults faults_;
};

}  // namespace aforro::http

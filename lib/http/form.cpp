#include "http/form.h"

#include <algorithm>

#include "base/problem.h"
#include "http/message.h"

namespace aforro::http {

ParameterList parse_form(std::string_view body) {
  // Before any is kept: each takes many times the bytes in which it came.
  if (static_cast<std::size_t>(std::count(body.begin(), body.end(), '&')) >= kMaxFormFields) {
    throw Problem(Problem::Kind::invalid,
                  "A form has at most " + std::to_string(kMaxFormFields) + " fields.");
  }
  return parse_parameters(body);
}

}  // namespace aforro::http

// A row of the table of routes: which requests it takes, what is asked of them before their body is read, and
// who answers. A value.
#pragma once

#include <functional>
#include <string_view>

#include "http/body_policy.h"
#include "http/message.h"

namespace aforro::http {

using Handler = std::function<Response(const Request&)>;

struct Route {
  std::string_view name;  // for logs and limits; several routes may share one
  std::string_view method;
  // A path without its trailing slash, all of it literal but for segments that are one of
  //   {id}    a positive 64-bit number, in Request::path_ids
  //   {name}  any text that is not empty, decoded, in Request::path_texts
  //   {rest}  at the end: one or more segments as sent, with the slashes between them, in Request::path_texts
  std::string_view pattern;
  BodyPolicy body;
  Handler handler;
};

}  // namespace aforro::http

// Which handler answers which path and method. Filled once at the start, then only read: safe from any
// thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace aforro::http {

using Handler = std::function<Response(const Request&)>;

class Router {
 public:
  // A pattern is a path without its trailing slash; "{id}" stands for a positive 64-bit number, all else for
  // itself, percent-encoded or not.
  void get(std::string_view pattern, Handler handler) { add("GET", pattern, std::move(handler)); }
  void post(std::string_view pattern, Handler handler) { add("POST", pattern, std::move(handler)); }

  // Answers by the handler of the path, which sees the numbers that stood for {id} in request.path_ids. A
  // path is the same with and without its trailing slash; HEAD goes where GET does; OPTIONS is answered here.
  //
  // Throws Problem: not_found if there is no such path, method_not_allowed if it has no such method,
  // not_implemented for a method that HTTP does not have.
  Response route(Request& request) const;

  // The methods of the request's path as Allow lists them; empty if there is no such path.
  std::string methods(const Request& request) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    Handler handler;
  };

  void add(std::string_view method, std::string_view pattern, Handler handler);

  std::vector<Route> routes_;
};

}  // namespace aforro::http

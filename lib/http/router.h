// The table of routes, and which of them a request takes. Filled once at the start, then only read: safe from
// any thread.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "http/route.h"

namespace aforro::http {

class Router {
 public:
  // What the route's views refer to must outlive the router. Where several match, the first is taken.
  void add(Route route);

  // The route of the request, whose path_ids and path_texts are set. A path is the same with and without its
  // trailing slash, and its letters are the same whether percent-encoded or not; HEAD goes where GET does.
  //
  // Throws Problem: not_found if there is no such path, method_not_allowed if it has no such method,
  // not_implemented for a method that HTTP does not have. OPTIONS has no route; see methods().
  const Route& find(Request& request) const;

  // The methods of the request's path as Allow lists them, of the whole server for OPTIONS of "*". Throws
  // Problem (not_found) if there is no such path.
  std::string methods(const Request& request) const;

  // In the order in which they were added; they stay where they are.
  const std::deque<Route>& routes() const { return routes_; }

 private:
  std::deque<Route> routes_;
  std::vector<std::vector<std::string_view>> patterns_;  // the segments of each
};

}  // namespace aforro::http

// The limits of a server, each by the name under which clients see it. Filled once at the start, then only
// read: safe from any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "limit/limiter.h"

namespace aforro::limit {

struct Limit {
  Rate rate;
  std::unique_ptr<Limiter> limiter;  // that keeps to it
};

class Limits {
 public:
  void add(std::string name, Limit limit) { by_name_.insert_or_assign(std::move(name), std::move(limit)); }

  // Null if there is none of that name.
  const Limit* find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, Limit, std::less<>> by_name_;
};

}  // namespace aforro::limit

#include "redis/resolver.h"

#include <netdb.h>

#include <cstring>
#include <exception>
#include <thread>
#include <utility>

#include "base/mutex.h"

namespace aforro::redis {
namespace {

struct Found {
  std::vector<Endpoint> endpoints;
  std::string why;
};

Found find(const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_flags = flags | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  Found found;
  if (const int code = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &first); code != 0) {
    found.why = std::string("its name can't be resolved: ") + ::gai_strerror(code);
    return found;
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(first, &::freeaddrinfo);
  for (const addrinfo* each = first; each != nullptr; each = each->ai_next) {
    Endpoint endpoint;
    if (each->ai_addrlen > sizeof endpoint.bytes) continue;
    std::memcpy(&endpoint.bytes, each->ai_addr, each->ai_addrlen);
    endpoint.size = each->ai_addrlen;
    found.endpoints.push_back(endpoint);
  }
  return found;
}

// On a thread that nobody is above, where memory may be short.
Found found_or_short(const std::string& host, const std::string& port) noexcept {
  try {
    return find(host, port, 0);
  } catch (const std::exception&) {
    Found nothing;
    nothing.why = "out of memory";  // short enough to need none
    return nothing;
  }
}

}  // namespace

struct Resolver::Lookup {
  Mutex mutex;
  CondVar ended;
  bool is_over GUARDED_BY(mutex) = false;
  Found found GUARDED_BY(mutex);
};

Resolver::Resolver(std::string host, int port) : host_(std::move(host)), port_(std::to_string(port)) {}
Resolver::~Resolver() = default;

std::vector<Endpoint> Resolver::resolve(Instant until, std::string& why) {
  if (Found numeric = find(host_, port_, AI_NUMERICHOST); !numeric.endpoints.empty())
    return numeric.endpoints;
  if (lookup_ == nullptr) {
    lookup_ = std::make_shared<Lookup>();
    try {
      std::thread([lookup = lookup_, host = host_, port = port_] {
        Found found = found_or_short(host, port);
        const Lock lock(lookup->mutex);
        lookup->found = std::move(found);
        lookup->is_over = true;
        lookup->ended.notify_all();
      }).detach();
    } catch (const std::exception&) {  // std::system_error, std::bad_alloc
      lookup_.reset();
      why = "its name can't be resolved: no thread for that can be had";
      return {};
    }
  }
  const std::shared_ptr<Lookup> lookup = lookup_;
  const Lock lock(lookup->mutex);
  while (!lookup->is_over && lookup->ended.wait_until(lookup->mutex, until)) {
  }
  if (!lookup->is_over) {
    why = "its name is not resolved in time";
    return {};
  }
  lookup_.reset();
  why = lookup->found.why;
  return std::move(lookup->found.endpoints);
}

}  // namespace aforro::redis

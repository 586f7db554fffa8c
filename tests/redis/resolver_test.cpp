#include "redis/resolver.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "support/child.h"

namespace {

using aforro::redis::Resolver;

constexpr uid_t kNobody = 65'534;  // root may have threads beyond any limit

bool lacks_a_thread(Resolver& resolver) {
  std::string why;
  const auto found = resolver.resolve(std::chrono::steady_clock::now() + std::chrono::seconds(5), why);
  return found.empty() && why.find("no thread") != std::string::npos;
}

TEST_CASE("without a thread to look it up a name can't be resolved, until there is one") {
  const int outcome = aforro::test::in_child([] {
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) return 3;
    rlimit limit{};
    ::getrlimit(RLIMIT_NPROC, &limit);
    const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
    Resolver resolver("localhost", 1);
    if (::setrlimit(RLIMIT_NPROC, &none) != 0) return 4;
    if (!lacks_a_thread(resolver) || !lacks_a_thread(resolver)) return 1;
    if (::setrlimit(RLIMIT_NPROC, &limit) != 0) return 5;
    return lacks_a_thread(resolver) ? 2 : 0;
  });
  CHECK(outcome == 0);
}

TEST_CASE("an address is found without a thread") {
  Resolver resolver("127.0.0.1", 1);
  std::string why;
  CHECK(resolver.resolve(std::chrono::steady_clock::now(), why).size() == 1);
}

}  // namespace

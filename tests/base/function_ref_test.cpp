#include "base/function_ref.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace {

using aforro::FunctionRef;

int twice(int number) { return 2 * number; }

int call(FunctionRef<int(int)> function) { return function(21); }
void visit(FunctionRef<void(int)> visitor) { visitor(7); }

TEST_CASE("a function, a lambda and an object with state can be called through a reference") {
  CHECK(call(&twice) == 42);
  CHECK(call([](int number) { return number + 1; }) == 22);
  int calls = 0;
  auto counting = [&calls](int number) mutable {
    ++calls;
    return number;
  };
  CHECK(call(counting) + call(counting) == 42);
  CHECK(calls == 2);
  const auto constant = [](int number) { return -number; };
  CHECK(call(constant) == -21);
}

TEST_CASE("what is returned may be dropped, or converted") {
  int seen = 0;
  visit([&](int number) { return seen = number; });
  CHECK(seen == 7);
  const FunctionRef<std::string()> text = [] { return "converted"; };
  CHECK(text() == "converted");
}

TEST_CASE("arguments go through as they are") {
  const auto take = [](std::unique_ptr<int> number) { return *number; };
  const FunctionRef<int(std::unique_ptr<int>)> moved = take;
  CHECK(moved(std::make_unique<int>(5)) == 5);
  int changed = 0;
  const auto change = [](int& number) { number = 3; };
  const FunctionRef<void(int&)> changing = change;
  changing(changed);
  CHECK(changed == 3);
}

TEST_CASE("a reference to a reference refers to the same function") {
  int calls = 0;
  const auto counting = [&calls](int number) { return calls += number; };
  const FunctionRef<int(int)> first = counting;
  const FunctionRef<int(int)> second = first;
  second(1);
  first(1);
  CHECK(calls == 2);
}

}  // namespace

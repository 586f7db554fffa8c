#include "support/engine.h"

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace aforro::test {

Engine engine() {
  const char* const name = std::getenv("AFORRO_TEST_ENGINE");
  if (name == nullptr || std::string_view(name) == "sqlite") return Engine::sqlite;
  if (std::string_view(name) == "postgres") return Engine::postgres;
  throw std::runtime_error("AFORRO_TEST_ENGINE names no engine: " + std::string(name));
}

}  // namespace aforro::test

#include "support/expect_program.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace aforro::test {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

void check_refused(const ProgramResult& result, std::string_view why, int line, const char* file) {
  INFO("run at ", std::string(file), ":", line, ", it wrote: ", result.err);
  CHECK(result.exit_status == 1);
  CHECK(result.out.empty());
  // One line says why, the last; an import may have said before what it understood.
  const std::size_t last = result.err.rfind('\n', result.err.size() < 2 ? 0 : result.err.size() - 2);
  const std::string reason = result.err.substr(last == std::string::npos ? 0 : last + 1);
  CHECK(reason.starts_with("aforro: "));
  CHECK(reason.ends_with('\n'));
  CHECK(result.err.find("aforro: ") == result.err.size() - reason.size());
  CHECK(has(reason, why));
  for (const std::string inside : {"SQLITE", "sqlite3", "what()", "terminate", "Exception", ".cpp"}) {
    CAPTURE(inside);
    CHECK(!has(result.err, inside));
  }
}

void check_verified(const Location& database, int line, const char* file) {
  const ProgramResult result = run_program({"verify", "--database", database.string()});
  INFO("run at ", std::string(file), ":", line, ", it wrote: ", result.out, result.err);
  CHECK(result.exit_status == 0);
  CHECK(result.out.starts_with("nothing is wrong: "));
}

void wait_for_output(const Program& program, std::string_view text) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!has(program.out(), text)) {
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error("it never wrote " + std::string(text));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace aforro::test

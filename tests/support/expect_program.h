// What is promised of every command, checked at once. A failed check names the line of the test.
#pragma once

#include <string_view>

#include "support/location.h"
#include "support/program.h"

namespace aforro::test {

bool has(std::string_view text, std::string_view part);

// It was refused or failed: exit status 1, nothing on standard output, one line on standard error that begins
// with the program's name, says why, and shows nothing of the inside.
void check_refused(const ProgramResult& result, std::string_view why, int line = __builtin_LINE(),
                   const char* file = __builtin_FILE());

// `aforro verify` of the database finds nothing wrong.
void check_verified(const Location& database, int line = __builtin_LINE(),
                    const char* file = __builtin_FILE());

// Waits until it has written that to standard output; throws if it does not come to that.
void wait_for_output(const Program& program, std::string_view text);

}  // namespace aforro::test

// Databases as earlier versions of the program made them.
#pragma once

#include "support/location.h"

namespace aforro::test {

// Takes away what version 5 of the schema added. The data stays as it is.
void take_back_to_version_4(const Location& location);

// Takes away what version 4 added, too.
void take_back_to_version_3(const Location& location);

// Takes away what version 3 added, too.
void take_back_to_version_2(const Location& location);

}  // namespace aforro::test

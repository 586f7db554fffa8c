// A piece of a test run in a process of its own: for what would change this one (limits, user), or end it (a
// failed assertion). Call it while this process has no other threads.
#pragma once

#include "base/function_ref.h"

namespace aforro::test {

// Runs `work` in a forked child, which writes nothing and leaves no core. What it returns becomes the exit
// status (0 to 98); 99 if it throws; minus the signal if one kills it (-6: it aborted).
int in_child(FunctionRef<int()> work);

// True if `work` runs into an assertion.
bool aborts(FunctionRef<void()> work);

}  // namespace aforro::test

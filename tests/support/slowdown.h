// How many times longer than usual a test's server may take in this build: the thread sanitizer makes each
// thread, lock and access to memory some ten times dearer. Races are looked for all the same.
#pragma once

namespace aforro::test {

#if defined(__SANITIZE_THREAD__)
inline constexpr int kSlowdown = 10;
#else
inline constexpr int kSlowdown = 1;
#endif

}  // namespace aforro::test

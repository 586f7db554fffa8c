// Which database engine this run of the tests is for: AFORRO_TEST_ENGINE in the environment says `sqlite` (as
// nothing does) or `postgres`.
#pragma once

namespace aforro::test {

enum class Engine { sqlite, postgres };

Engine engine();

}  // namespace aforro::test

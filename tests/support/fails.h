// How long something that is made to fail goes on failing.
#pragma once

namespace aforro::test {

enum class Fails { once, from_then_on };

}  // namespace aforro::test

// A bell by publish and subscribe. Safe from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bell.h"
#include "redis/client.h"

namespace aforro::redis {

// `heard` is called by a thread of the bell's own when another process rings, and each time that it begins to
// listen, since it may have missed something before; it must not throw. An empty one listens to nothing.
std::unique_ptr<Bell> make_bell(Client& client, std::string channel, std::function<void()> heard);

}  // namespace aforro::redis

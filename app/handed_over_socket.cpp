// Whether there is a socket is told by LISTEN_PID, without a setting of its own: what is in a unit's .socket
// file would else be passed over in silence wherever the .service file forgets to mention it.
#include "app/handed_over_socket.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

#include "app/commands.h"
#include "base/numbers.h"

namespace aforro::app {
namespace {

constexpr int kFirstDescriptor = 3;
constexpr std::int64_t kMax = std::numeric_limits<int>::max();

// Takes it out of the environment.
std::string take(const char* name) {
  const char* const value = std::getenv(name);
  const std::string taken = value == nullptr ? "" : value;
  ::unsetenv(name);
  return taken;
}

}  // namespace

std::optional<int> take_handed_over_socket(Session& session) {
  const std::string pid = take("LISTEN_PID");
  const std::string count = take("LISTEN_FDS");
  take("LISTEN_FDNAMES");
  if (pid.empty() || count.empty()) return std::nullopt;
  if (parse_whole_number(pid, 1, kMax) != ::getpid()) {
    session.remark("note: LISTEN_FDS is passed over, since LISTEN_PID says that it is meant for process " +
                   on_one_line(pid) + ", and this is " + std::to_string(::getpid()));
    return std::nullopt;
  }
  const auto sockets = parse_whole_number(count, 1, kMax);
  if (!sockets) throw wrong_usage("LISTEN_FDS must be the number of sockets that are handed over");
  if (*sockets != 1)
    throw wrong_usage("LISTEN_FDS says that " + count +
                      " sockets are handed over, and only one can be served");
  return kFirstDescriptor;
}

}  // namespace aforro::app

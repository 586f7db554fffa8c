// A listening socket that was opened for this process by the program that started it, as systemd does for a
// .socket unit (sd_listen_fds(3)): LISTEN_PID and LISTEN_FDS in the environment say so.
#pragma once

#include <optional>

#include "app/session.h"

namespace aforro::app {

// The descriptor, which may be anything yet; nothing if none is handed over. What the environment says of it
// is removed there, for it holds for this process alone: call this once, before any thread starts and any
// file is opened. One that is meant for another process is remarked. Throws wrong usage if the environment
// makes no sense, or speaks of more than one.
std::optional<int> take_handed_over_socket(Session& session);

}  // namespace aforro::app

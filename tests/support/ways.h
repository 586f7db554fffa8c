// The ways by which a server is reached, for tests of what is promised of each of them:
// TEST_CASE_TEMPLATE("…", Way, Tcp, Unix).
#pragma once

#include "http/transport.h"
#include "support/temporary_folder.h"

namespace aforro::test {

struct Tcp {
  http::TransportOptions with(const http::TransportOptions& options = {}) const { return options; }
};

struct Unix {
  http::TransportOptions with(http::TransportOptions options = {}) const {
    options.address = http::UnixAddress{.path = folder / "aforro.sock"};
    return options;
  }
  TemporaryFolder folder;
};

}  // namespace aforro::test

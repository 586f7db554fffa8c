// The files by which a server speaks TLS.
#pragma once

#include <memory>
#include <string>

#include "app/session.h"
#include "base/log.h"
#include "http/tls.h"

namespace aforro::app {

struct TlsFiles {
  std::string certificates;  // in PEM, the server's own first
  std::string key;
};

// Null if no file is named. Remarks on a certificate that expires soon. Throws what wrong_usage() makes if
// only one of them is named, and Problem as read_file() and http::TlsContext do.
std::unique_ptr<http::TlsContext> open_tls(Session& session, const TlsFiles& files);

// Reads them again. What is wrong with them is logged, and the old ones stay.
void reload_tls(http::TlsContext& tls, const TlsFiles& files, Log& log);

}  // namespace aforro::app

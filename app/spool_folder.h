// Where the server keeps the large bodies of requests while they arrive.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "app/database.h"
#include "base/log.h"
#include "http/spool.h"

namespace aforro::app {

// In `given`; without it beside a database that is a file, or else in /var/tmp. Throws Problem (conflict) if
// the folder that was asked for can't be used. Null, and a line in the log, if none was asked for and there
// is none: requests with such bodies are refused then.
std::unique_ptr<http::Spool> open_spool(const std::string& given, std::uint64_t max_bytes,
                                        const DatabaseChoice& database, Log& log);

}  // namespace aforro::app

// What the process was short of when SQLite failed: it often calls that a fault of the disk, or says nothing
// of it. A function without state.
#pragma once

#include <SQLiteCpp/Exception.h>

#include <string_view>

namespace aforro::sql {

// As base/shortage.h names it; empty if something else went wrong. To be asked at once, before another call
// changes errno.
std::string_view shortage_behind(const SQLite::Exception& error);

}  // namespace aforro::sql

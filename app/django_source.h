// Where `aforro import django` reads from: the service's database, or what `manage.py dumpdata` has written.
#pragma once

#include <string>

#include "app/session.h"
#include "base/function_ref.h"
#include "django/source.h"
#include "sql/connection.h"

namespace aforro::app {

// Runs `use` on the source: postgres://…, the path of a SQLite file, or a dump, which may come through a pipe
// and is put aside in the staging; "-" is standard input. Throws wrong_usage() for any other URL, and Problem
// if the source can't be read, or is neither.
void with_django_source(Session& session, const std::string& given, sql::Connection& staging,
                        FunctionRef<void(django::Source&)> use);

}  // namespace aforro::app

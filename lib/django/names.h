// Names that must be unique here, and need not be there: categories, stores and users by name, products by
// SKU.
#pragma once

#include "django/report.h"
#include "sql/connection.h"

namespace aforro::django {

// Folds the names of the staged rows, which have their ids; gives a name to those without, and " (2)", or the
// next number that is free, to those that have another's. The one with the lowest id keeps its own.
void tell_names_apart(sql::Connection& staging, Report& report);

}  // namespace aforro::django

// The shape of the shop's database: schema.sql, schema.postgres.sql and the steps that lead there.
#pragma once

#include "sql/schema.h"

namespace aforro::shop {

// Of this program.
const sql::Schema& schema();

// What schema() returns, but in the program of a version still to come that the tests of upgrades build
// (tests/next/schema.cpp), which puts its own in the place of lib/shop/schema_in_use.cpp.
const sql::Schema& released_schema();

}  // namespace aforro::shop

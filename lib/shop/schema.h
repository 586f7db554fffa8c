// The shape of the shop's database: schema.sql, schema.postgres.sql and the steps that lead there.
#pragma once

#include "sql/schema.h"

namespace aforro::shop {

const sql::Schema& schema();

}  // namespace aforro::shop

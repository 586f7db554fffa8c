// The shape of the shop's database: schema.sql and the steps that lead to it.
#pragma once

#include "sql/schema.h"

namespace aforro::shop {

const sql::Schema& schema();

}  // namespace aforro::shop

// Whether what a search looks at is what the products say: each product's words and titles against the
// engine's index, both ways. Only reads.
#pragma once

#include "shop/findings.h"
#include "sql/connection.h"

namespace aforro::search {

void verify_fts5_index(sql::Connection& connection, shop::Findings& findings);
void verify_postgres_index(sql::Connection& connection, shop::Findings& findings);

}  // namespace aforro::search

// Whether what a search looks at is what the products say: each product's words and titles against the
// engine's index, both ways. Only reads.
#pragma once

#include "search/product_search.h"
#include "sql/connection.h"

namespace aforro::search {

void check_fts5_index(sql::Connection& connection, TellFault tell);
void check_postgres_index(sql::Connection& connection, TellFault tell);

}  // namespace aforro::search

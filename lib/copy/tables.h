// Every table of a shop, as both engines have it: how its rows are read in order and written elsewhere.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "sql/connection.h"

namespace aforro::copy {

struct Table {
  std::string_view name;
  std::string_view types;   // of its columns in order: 'i' for a whole number, 't' for a text
  std::size_t key_columns;  // the first so many are the key by which pages are in order
  sql::Text page;   // the next rows behind the key $1, …: as many as take some megabytes at most, but
                    // for answers of idempotency keys, which are as long as their orders
  sql::Text count;  // how many rows there are
  void (*insert)(sql::Connection& connection, const sql::ParamRows& rows);
  sql::Text ids;  // the table's name where the engine gives its ids; else empty
};

// In an order in which none refers to a later one.
std::span<const Table> tables();

}  // namespace aforro::copy

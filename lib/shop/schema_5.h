// The step from version 4 of the shop's schema to version 5: the table of synonyms (synonyms.h), empty,
// and an index of each category's titles.
#pragma once

#include <span>

#include "sql/schema.h"

namespace aforro::shop {

// A program of version 4 goes on behind it: it looks for no synonyms, and breaks none.
std::span<const sql::Migration> steps_to_version_5();

}  // namespace aforro::shop

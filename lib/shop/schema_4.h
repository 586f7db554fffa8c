// The step from version 3 of the shop's schema to version 4: the vocabulary (vocabulary.h), counted once from
// the products that there are.
#pragma once

#include <span>

#include "sql/schema.h"

namespace aforro::shop {

// No older program may go on behind it: that one would write products without their words.
std::span<const sql::Migration> steps_to_version_4();

}  // namespace aforro::shop

// What refers to what, where a source says nothing of it: a dump has no foreign keys, nor has a database
// whose models do without them. There a column that is called as a model is, `store` or `store_id`, counts as
// one to that model's table. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "django/source.h"

namespace aforro::django {

// A name in small letters, without underscores.
std::string plain(std::string_view name);

// What stands before the model's name: "shop." of a dump, "shop_" of a database.
std::string_view app_of(std::string_view table);

// A column's name without its "_id".
std::string_view without_id(std::string_view column);

// Names the tables that columns refer to, of those that say nothing of it.
void infer_references(std::vector<SourceTable>& tables);

}  // namespace aforro::django

// Which table of the former service is which, and which of its columns: found by the columns that each must
// have and by what refers to what; names decide only between tables that both fit. Pure functions.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "django/roles.h"
#include "django/source.h"

namespace aforro::django {

// What the user says of it.
struct Choices {
  std::map<Role, std::optional<std::string>> tables;                 // nothing: there is none
  std::map<std::pair<Role, std::string_view>, std::string> columns;  // by the names of fields
};

// Reads "orders=sales_order" ("orders=none"), and "items.price=cost", into the choices. Throws Problem
// (invalid) that says what is wrong, and what may be meant.
void add_table(Choices& choices, std::string_view given);
void add_column(Choices& choices, std::string_view given);

struct FoundTable {
  std::string name;
  std::string key;                       // empty: it has none, or none is wanted
  std::vector<std::string> columns;      // of fields_of(), in that order; empty: it has none for this one
  std::vector<std::string> passed_over;  // its other columns

  const std::string& column(Role role, std::string_view field) const;
};

struct Layout {
  std::array<std::optional<FoundTable>, kRoles.size()> tables;

  const std::optional<FoundTable>& of(Role role) const { return tables[index_of(role)]; }
};

// Throws Problem: not_found if a table is missing, conflict if more than one would do; either says what to
// give to --table or --column. Categories and users need not be there.
Layout find_layout(std::vector<SourceTable> tables, const Choices& choices);

}  // namespace aforro::django

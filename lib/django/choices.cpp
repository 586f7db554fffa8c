#include <string>
#include <vector>

#include "base/problem.h"
#include "base/shorten.h"
#include "base/text.h"
#include "django/layout.h"

namespace aforro::django {
namespace {

constexpr std::size_t kShownBytes = 80;

[[noreturn]] void refuse(const std::string& why) { throw Problem(Problem::Kind::invalid, why); }

std::string shown(std::string_view text) { return shortened(for_terminal(text), kShownBytes); }

std::string list(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

// What stands before and behind the first '='.
std::pair<std::string_view, std::string_view> halves_of(std::string_view given, const std::string& shape) {
  const std::size_t equals = given.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == given.size())
    refuse("must be " + shape);
  return {given.substr(0, equals), given.substr(equals + 1)};
}

Role role_named(std::string_view name) {
  if (const auto role = parse_role(name)) return *role;
  std::vector<std::string_view> names;
  names.reserve(kRoles.size());
  for (const Role role : kRoles) names.push_back(name_of(role));
  const auto nearest = nearest_name(name, names);
  refuse("there are no tables of " + shown(name) +
         (nearest ? "; did you mean " + std::string(*nearest) + "?" : "; there are " + list(names)));
}

}  // namespace

void add_table(Choices& choices, std::string_view given) {
  const auto [name, table] = halves_of(given, "ROLE=TABLE, as in --table orders=sales_order");
  const Role role = role_named(name);
  const auto chosen = table == "none" ? std::nullopt : std::optional(std::string(table));
  if (!choices.tables.emplace(role, chosen).second) refuse("the table of " + shown(name) + " is given twice");
}

void add_column(Choices& choices, std::string_view given) {
  const auto [place, column] = halves_of(given, "ROLE.FIELD=COLUMN, as in --column items.price=cost");
  const std::size_t point = place.find('.');
  if (point == std::string_view::npos) refuse("must be ROLE.FIELD=COLUMN, as in --column items.price=cost");
  const Role role = role_named(place.substr(0, point));
  const std::string_view wanted = place.substr(point + 1);
  std::vector<std::string_view> names;
  for (const Field& field : fields_of(role)) {
    names.push_back(field.name);
    if (field.name != wanted) continue;
    if (!choices.columns.emplace(std::pair(role, field.name), column).second)
      refuse("the column of " + shown(place) + " is given twice");
    return;
  }
  const auto nearest = nearest_name(wanted, names);
  refuse(std::string(name_of(role)) + " have no " + shown(wanted) +
         (nearest ? "; did you mean " + std::string(*nearest) + "?" : "; they have " + list(names)));
}

}  // namespace aforro::django

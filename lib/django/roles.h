// What is looked for in the former service: the tables by what they are for, and the columns of each by the
// names that they go by.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace aforro::django {

enum class Role { categories, products, stores, inventory, orders, items, users };
inline constexpr std::array kRoles{Role::categories, Role::products, Role::stores, Role::inventory,
                                   Role::orders,     Role::items,    Role::users};

// "orders", as --table says it.
std::string_view name_of(Role role);
std::optional<Role> parse_role(std::string_view name);
constexpr std::size_t index_of(Role role) { return static_cast<std::size_t>(role); }

// What the model behind the table is called, in small letters and without underscores.
std::span<const std::string_view> models_of(Role role);

struct Field {
  std::string_view name;  // as --column says it
  // Its column may be called so, the likeliest first. A foreign key is "store" here, and "store" or
  // "store_id" there.
  std::array<std::string_view, 3> columns;
  bool is_required = false;
  std::optional<Role> refers_to = {};
};

std::span<const Field> fields_of(Role role);

// Whether its rows get ids, by which others name them.
constexpr bool has_key(Role role) { return role != Role::inventory && role != Role::items; }

}  // namespace aforro::django

#include "django/roles.h"

#include <algorithm>

namespace aforro::django {
namespace {

constexpr std::array<std::string_view, kRoles.size()> kNames{"categories", "products", "stores", "inventory",
                                                             "orders",     "items",    "users"};

constexpr std::array<std::string_view, 2> kCategoryModels{"category", "categories"};
constexpr std::array<std::string_view, 2> kProductModels{"product", "products"};
constexpr std::array<std::string_view, 4> kStoreModels{"store", "stores", "shop", "branch"};
constexpr std::array<std::string_view, 5> kInventoryModels{"inventory", "inventoryitem", "stock", "stockitem",
                                                           "storeproduct"};
constexpr std::array<std::string_view, 2> kOrderModels{"order", "orders"};
constexpr std::array<std::string_view, 4> kItemModels{"orderitem", "orderitems", "orderline", "orderproduct"};
constexpr std::array<std::string_view, 3> kUserModels{"user", "customuser", "account"};

constexpr std::array kCategoryFields{
    Field{.name = "name", .columns = {"name", "title"}, .is_required = true},
};
constexpr std::array kProductFields{
    Field{.name = "title", .columns = {"title", "name"}, .is_required = true},
    Field{.name = "description", .columns = {"description"}},
    Field{.name = "price", .columns = {"price", "unit_price"}, .is_required = true},
    Field{.name = "category", .columns = {"category"}, .refers_to = Role::categories},
    Field{.name = "created_at", .columns = {"created_at", "created"}},
    Field{.name = "sku", .columns = {"sku"}},
};
constexpr std::array kStoreFields{
    Field{.name = "name", .columns = {"name", "title"}, .is_required = true},
    Field{.name = "location", .columns = {"location", "address"}},
};
constexpr std::array kInventoryFields{
    Field{.name = "store", .columns = {"store"}, .is_required = true, .refers_to = Role::stores},
    Field{.name = "product", .columns = {"product"}, .is_required = true, .refers_to = Role::products},
    Field{.name = "quantity", .columns = {"quantity"}, .is_required = true},
};
constexpr std::array kOrderFields{
    Field{.name = "store", .columns = {"store"}, .is_required = true, .refers_to = Role::stores},
    Field{.name = "status", .columns = {"status"}, .is_required = true},
    Field{.name = "created_at", .columns = {"created_at", "created"}},
};
constexpr std::array kItemFields{
    Field{.name = "order", .columns = {"order"}, .is_required = true, .refers_to = Role::orders},
    Field{.name = "product", .columns = {"product"}, .is_required = true, .refers_to = Role::products},
    Field{.name = "quantity", .columns = {"quantity_requested", "quantity"}, .is_required = true},
    Field{.name = "price", .columns = {"price_at_purchase", "unit_price", "price"}},
};
constexpr std::array kUserFields{
    Field{.name = "username", .columns = {"username", "email"}, .is_required = true},
    Field{.name = "is_staff", .columns = {"is_staff"}, .is_required = true},
    Field{.name = "is_superuser", .columns = {"is_superuser"}},
    Field{.name = "is_active", .columns = {"is_active"}},
    Field{.name = "email", .columns = {"email"}},
    Field{.name = "created_at", .columns = {"date_joined", "created_at"}},
};

}  // namespace

std::string_view name_of(Role role) { return kNames[index_of(role)]; }

std::optional<Role> parse_role(std::string_view name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return kRoles[static_cast<std::size_t>(found - kNames.begin())];
}

std::span<const std::string_view> models_of(Role role) {
  switch (role) {
    case Role::categories:
      return kCategoryModels;
    case Role::products:
      return kProductModels;
    case Role::stores:
      return kStoreModels;
    case Role::inventory:
      return kInventoryModels;
    case Role::orders:
      return kOrderModels;
    case Role::items:
      return kItemModels;
    case Role::users:
      return kUserModels;
  }
  return {};
}

std::span<const Field> fields_of(Role role) {
  switch (role) {
    case Role::categories:
      return kCategoryFields;
    case Role::products:
      return kProductFields;
    case Role::stores:
      return kStoreFields;
    case Role::inventory:
      return kInventoryFields;
    case Role::orders:
      return kOrderFields;
    case Role::items:
      return kItemFields;
    case Role::users:
      return kUserFields;
  }
  return {};
}

}  // namespace aforro::django

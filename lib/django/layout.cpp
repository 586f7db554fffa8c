// A search by trying (backtracking). The roles are given tables one after the other, each one that has the
// plain columns of its role and refers to the tables chosen so far as its role does; of the complete choices
// the one whose names fit best counts, and two that fit alike are a question to the user. So a table of
// customers, which has a name as a store has, is no store, since no inventory refers to it.
#include "django/layout.h"

#include <algorithm>
#include <cstdint>

#include "base/problem.h"
#include "base/shorten.h"
#include "base/text.h"
#include "django/references.h"

namespace aforro::django {
namespace {

constexpr std::size_t kShownNames = 20;
constexpr std::size_t kShownBytes = 80;
constexpr std::int64_t kMaxSteps = 200'000;

[[noreturn]] void refuse(Problem::Kind kind, const std::string& why) { throw Problem(kind, why); }

std::string shown(std::string_view name) { return shortened(for_terminal(name), kShownBytes); }

template <class Names>
std::string listed(const Names& names) {
  std::string list;
  std::size_t count = 0;
  for (const auto& name : names) {
    if (count++ == kShownNames) return list + " and " + std::to_string(names.size() - kShownNames) + " more";
    list += (list.empty() ? "" : ", ") + shown(name);
  }
  return list;
}

// Whether the table's name is that of a model, whatever stands before it: order of sales_order.
bool is_called(std::string_view table, std::string_view model) {
  for (;;) {
    if (plain(table) == model) return true;
    const std::size_t next = table.find_first_of("._");
    if (next == std::string_view::npos) return false;
    table.remove_prefix(next + 1);
  }
}

int likeness(Role role, std::string_view table) {
  const auto models = models_of(role);
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (is_called(table, models[i])) return i == 0 ? 2 : 1;
  }
  return 0;
}

bool has_column(const SourceTable& table, std::string_view name) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [&](const SourceColumn& column) { return column.name == name; });
}

std::vector<std::string> names_of_columns(const SourceTable& table) {
  std::vector<std::string> names;
  names.reserve(table.columns.size());
  for (const SourceColumn& column : table.columns) names.push_back(column.name);
  return names;
}

class Finder {
 public:
  Finder(const std::vector<SourceTable>& tables, const Choices& choices)
      : tables_(tables), choices_(choices) {}

  Layout find() {
    for (const Role role : kRoles) require_chosen(role);
    for (const Role role : kOrder) candidates_[index_of(role)] = candidates(role);
    for (const Role role : kOrder) require_candidates(role);
    place(0);
    if (best_.empty()) refuse_unconnected();
    if (best_.size() > 1) refuse_ambiguous();
    Layout layout;
    for (const Role role : kOrder) {
      const SourceTable* const table = best_.front()[index_of(role)];
      if (table != nullptr) layout.tables[index_of(role)] = found(role, *table, best_.front());
    }
    layout.tables[index_of(Role::users)] = users();
    return layout;
  }

 private:
  using Placed = std::array<const SourceTable*, kRoles.size()>;

  // Those that refer to most come first, so that what they refer to is given.
  static constexpr std::array kOrder{Role::inventory, Role::stores, Role::products,
                                     Role::items,     Role::orders, Role::categories};

  const std::string* chosen_column(Role role, std::string_view field) const {
    const auto choice = choices_.columns.find({role, field});
    return choice == choices_.columns.end() ? nullptr : &choice->second;
  }

  bool is_left_out(Role role) const {
    const auto choice = choices_.tables.find(role);
    return choice != choices_.tables.end() && !choice->second;
  }

  // The column of a field that refers to nothing; empty if there is none.
  std::string plain_column(Role role, const Field& field, const SourceTable& table) const {
    if (const std::string* const chosen = chosen_column(role, field.name))
      return has_column(table, *chosen) ? *chosen : std::string();
    for (const std::string_view name : field.columns) {
      if (!name.empty() && has_column(table, name)) return std::string(name);
    }
    return {};
  }

  // The column that refers to that table; empty if there is none, or more than one would do.
  std::string reference(Role role, const Field& field, const SourceTable& table,
                        const SourceTable& target) const {
    if (const std::string* const chosen = chosen_column(role, field.name)) {
      const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                       [&](const SourceColumn& each) { return each.name == *chosen; });
      const bool may_refer =
          column != table.columns.end() && (column->refers_to.empty() || column->refers_to == target.name);
      return may_refer ? *chosen : std::string();
    }
    std::vector<std::string> columns;
    for (const SourceColumn& column : table.columns) {
      if (column.refers_to != target.name) continue;
      if (without_id(column.name) == field.columns.front()) return column.name;
      columns.push_back(column.name);
    }
    // A product may refer to its brand alone, which is no category.
    const bool may_be_meant = field.is_required || likeness(*field.refers_to, target.name) > 0;
    return columns.size() == 1 && may_be_meant ? columns.front() : std::string();
  }

  std::vector<const Field*> missing_fields(Role role, const SourceTable& table) const {
    std::vector<const Field*> missing;
    for (const Field& field : fields_of(role)) {
      if (field.is_required && !field.refers_to && plain_column(role, field, table).empty())
        missing.push_back(&field);
    }
    return missing;
  }

  bool may_be(Role role, const SourceTable& table) const {
    return missing_fields(role, table).empty() && (!has_key(role) || !table.key.empty());
  }

  const SourceTable& table_named(Role role, const std::string& name) const {
    std::vector<std::string_view> names;
    for (const SourceTable& table : tables_) {
      if (table.name == name) return table;
      names.push_back(table.name);
    }
    const auto nearest = nearest_name(name, names);
    refuse(Problem::Kind::not_found,
           "--table " + std::string(name_of(role)) + '=' + shown(name) + ": there is no such table" +
               (nearest ? "; did you mean " + shown(*nearest) + "?" : "; there are: " + listed(names)));
  }

  // What was said of it must be there.
  void require_chosen(Role role) const {
    const auto choice = choices_.tables.find(role);
    if (choice == choices_.tables.end() || !choice->second) return;
    const SourceTable& table = table_named(role, *choice->second);
    for (const Field& field : fields_of(role)) {
      const std::string* const chosen = chosen_column(role, field.name);
      if (chosen == nullptr || has_column(table, *chosen)) continue;
      const std::vector<std::string> names = names_of_columns(table);
      const std::vector<std::string_view> views(names.begin(), names.end());
      const auto nearest = nearest_name(*chosen, views);
      refuse(Problem::Kind::not_found,
             "--column " + std::string(name_of(role)) + '.' + std::string(field.name) + '=' + shown(*chosen) +
                 ": " + shown(table.name) + " has no such column" +
                 (nearest ? "; did you mean " + shown(*nearest) + "?" : "; it has: " + listed(names)));
    }
    if (has_key(role) && table.key.empty()) {
      refuse(Problem::Kind::not_found, shown(table.name) +
                                           " has no primary key of one column (of a dump: make it without"
                                           " --natural-primary)");
    }
    for (const Field* field : missing_fields(role, table)) {
      refuse(Problem::Kind::not_found, shown(table.name) + " has no column for the " +
                                           std::string(field->name) + "; name it with --column " +
                                           std::string(name_of(role)) + '.' + std::string(field->name) +
                                           "=COLUMN; it has: " + listed(names_of_columns(table)));
    }
  }

  std::vector<const SourceTable*> candidates(Role role) const {
    std::vector<const SourceTable*> fitting;
    if (is_left_out(role)) return fitting;
    const auto choice = choices_.tables.find(role);
    if (choice != choices_.tables.end()) return {&table_named(role, *choice->second)};
    for (const SourceTable& table : tables_) {
      const bool is_djangos_own = table.name.starts_with("auth_") || table.name.starts_with("auth.") ||
                                  table.name.starts_with("django_");
      if (!is_djangos_own && may_be(role, table)) fitting.push_back(&table);
    }
    return fitting;
  }

  bool may_be_absent(Role role) const { return role == Role::categories || is_left_out(role); }

  void require_candidates(Role role) const {
    if (may_be_absent(role) || !candidates_[index_of(role)].empty()) return;
    std::vector<std::string> wanted;
    for (const Field& field : fields_of(role)) {
      if (field.is_required) {
        wanted.push_back(chosen_column(role, field.name) != nullptr ? *chosen_column(role, field.name)
                                                                    : std::string(field.columns.front()));
      }
    }
    const std::string name(name_of(role));
    refuse(Problem::Kind::not_found, "no table holds the " + name + ": it would have the columns " +
                                         listed(wanted) + "; if they are called otherwise, say --table " +
                                         name + "=TABLE and --column " + name +
                                         ".FIELD=COLUMN; if there are none, --table " + name + "=none");
  }

  // Whether a table refers to those given so far, and they to it, as their roles do.
  bool is_connected(Role role, const Placed& placed) const {
    for (const Role from : kOrder) {
      const SourceTable* const table = placed[index_of(from)];
      if (table == nullptr) continue;
      for (const Field& field : fields_of(from)) {
        if (!field.refers_to || (from != role && *field.refers_to != role)) continue;
        const SourceTable* const target = placed[index_of(*field.refers_to)];
        if (target != nullptr && reference(from, field, *table, *target).empty()) return false;
      }
    }
    return true;
  }

  void place(std::size_t depth) {
    if (depth == kOrder.size()) {
      rate();
      return;
    }
    const Role role = kOrder[depth];
    bool is_placed = false;
    for (const SourceTable* const table : candidates_[index_of(role)]) {
      if (++steps_ > kMaxSteps) {
        refuse(Problem::Kind::conflict, "too many tables look alike; say with --table which is which");
      }
      if (std::find(placed_.begin(), placed_.end(), table) != placed_.end()) continue;
      placed_[index_of(role)] = table;
      if (is_connected(role, placed_)) {
        is_placed = true;
        place(depth + 1);
      }
      placed_[index_of(role)] = nullptr;
    }
    if (!is_placed && may_be_absent(role)) {
      place(depth + 1);
    } else if (!is_placed && depth >= stuck_at_) {
      stuck_at_ = depth;
      stuck_with_ = placed_;
    }
  }

  void rate() {
    int points = 0;
    for (const Role role : kOrder) {
      const SourceTable* const table = placed_[index_of(role)];
      if (table != nullptr) points += likeness(role, table->name);
    }
    if (points > most_points_) best_.clear();
    if (points < most_points_) return;
    most_points_ = points;
    best_.push_back(placed_);
  }

  [[noreturn]] void refuse_unconnected() const {
    const Role role = kOrder[stuck_at_];
    std::vector<std::string_view> names;
    for (const SourceTable* const table : candidates_[index_of(role)]) names.push_back(table->name);
    std::string others;
    for (const Role other : kOrder) {
      const SourceTable* const table = stuck_with_[index_of(other)];
      if (table == nullptr) continue;
      others += (others.empty() ? "" : ", ") + std::string(name_of(other)) + " in " + shown(table->name);
    }
    refuse(
        Problem::Kind::not_found,
        "of the tables that might hold the " + std::string(name_of(role)) + " (" + listed(names) +
            ") none is connected to the others" + (others.empty() ? "" : " (" + others + ")") +
            " by its foreign keys; say which is which with --table ROLE=TABLE, and which columns refer with"
            " --column ROLE.FIELD=COLUMN, as in --column inventory.store=branch_id");
  }

  [[noreturn]] void refuse_ambiguous() const {
    std::string why;
    for (const Role role : kOrder) {
      std::vector<std::string_view> names;
      for (const Placed& placed : best_) {
        const SourceTable* const table = placed[index_of(role)];
        if (table != nullptr && std::find(names.begin(), names.end(), table->name) == names.end())
          names.push_back(table->name);
      }
      if (names.size() < 2) continue;
      why += (why.empty() ? "" : "; ") + std::string("more than one table may hold the ") +
             std::string(name_of(role)) + ": " + listed(names) + "; say which with --table " +
             std::string(name_of(role)) + "=" + shown(names.front());
    }
    refuse(Problem::Kind::conflict, why);
  }

  FoundTable found(Role role, const SourceTable& table, const Placed& placed) const {
    FoundTable result{.name = table.name,
                      .key = role == Role::inventory ? "" : table.key,
                      .columns = {},
                      .passed_over = {}};
    for (const Field& field : fields_of(role)) {
      if (!field.refers_to) {
        result.columns.push_back(plain_column(role, field, table));
      } else {
        const SourceTable* const target = placed[index_of(*field.refers_to)];
        result.columns.push_back(target == nullptr ? std::string() : reference(role, field, table, *target));
      }
    }
    for (const SourceColumn& column : table.columns) {
      const bool is_read =
          column.name == result.key ||
          std::find(result.columns.begin(), result.columns.end(), column.name) != result.columns.end();
      if (is_read && column.is_list) {
        refuse(Problem::Kind::invalid,
               shown(table.name) + " has a list as its " + shown(column.name) +
                   ", as dumpdata writes it with --natural-foreign; make the dump without that");
      }
      if (!is_read && column.name != table.key) result.passed_over.push_back(column.name);
    }
    return result;
  }

  std::optional<FoundTable> users() const {
    if (is_left_out(Role::users)) return std::nullopt;
    std::vector<const SourceTable*> fitting;
    int most = -1;
    for (const SourceTable& table : tables_) {
      const auto choice = choices_.tables.find(Role::users);
      const bool is_chosen = choice != choices_.tables.end() && choice->second == table.name;
      if ((choice != choices_.tables.end() && !is_chosen) || !may_be(Role::users, table)) continue;
      const int points = likeness(Role::users, table.name);
      if (points > most) fitting.clear();
      if (points < most) continue;
      most = points;
      fitting.push_back(&table);
    }
    if (fitting.size() > 1) {
      std::vector<std::string_view> names;
      names.reserve(fitting.size());
      for (const SourceTable* const table : fitting) names.push_back(table->name);
      refuse(Problem::Kind::conflict, "more than one table may hold the users: " + listed(names) +
                                          "; say which with --table users=" + shown(names.front()));
    }
    if (fitting.empty()) return std::nullopt;
    return found(Role::users, *fitting.front(), Placed{});
  }

  const std::vector<SourceTable>& tables_;
  const Choices& choices_;
  std::array<std::vector<const SourceTable*>, kRoles.size()> candidates_;
  Placed placed_{};
  std::int64_t steps_ = 0;
  int most_points_ = -1;
  std::vector<Placed> best_;
  std::size_t stuck_at_ = 0;
  Placed stuck_with_{};
};

}  // namespace

const std::string& FoundTable::column(Role role, std::string_view field) const {
  const auto fields = fields_of(role);
  const auto place =
      std::find_if(fields.begin(), fields.end(), [&](const Field& each) { return each.name == field; });
  return columns.at(static_cast<std::size_t>(place - fields.begin()));
}

Layout find_layout(std::vector<SourceTable> tables, const Choices& choices) {
  infer_references(tables);
  return Finder(tables, choices).find();
}

}  // namespace aforro::django

#include "django/references.h"

#include <cctype>
#include <cstddef>
#include <map>
#include <utility>

namespace aforro::django {
namespace {

// The tables that are called as a model is: one of them, and how many there are.
struct Called {
  std::string_view table = {};
  std::size_t count = 0;
};

// The tables by the names of the models that theirs may stand for: sales_order by salesorder and by order.
// Made once, since a database may have thousands of tables.
class TablesByModel {
 public:
  explicit TablesByModel(const std::vector<SourceTable>& tables) {
    plain_names_.reserve(tables.size());
    for (const SourceTable& table : tables) add(table.name);
  }
  TablesByModel(const TablesByModel&) = delete;
  TablesByModel& operator=(const TablesByModel&) = delete;

  // The only one of that name in the app, or else the only one of all; empty if there is none.
  std::string_view only(std::string_view app, std::string_view model) const {
    const auto in_app = of_app_.find({app, model});
    if (in_app != of_app_.end() && in_app->second.count == 1) return in_app->second.table;
    const auto named = of_all_.find(model);
    return named != of_all_.end() && named->second.count == 1 ? named->second.table : std::string_view();
  }

 private:
  // Each of these models is an end of the table's plain name, so the keys are views of that.
  void add(std::string_view name) {
    const std::string_view app = app_of(name);
    const std::string_view all = plain_names_.emplace_back(plain(name));
    std::size_t length = 0;
    std::size_t counted = std::string_view::npos;
    for (std::size_t i = name.size(); i-- > 0;) {
      if ((name[i] == '.' || name[i] == '_') && length != counted) {
        counted = length;
        count(app, all.substr(all.size() - length), name);
      }
      if (name[i] != '_') ++length;
    }
    if (length != counted) count(app, all, name);
  }

  void count(std::string_view app, std::string_view model, std::string_view name) {
    for (Called* const called : {&of_all_[model], &of_app_[{app, model}]}) {
      called->table = name;
      ++called->count;
    }
  }

  std::vector<std::string> plain_names_;
  std::map<std::string_view, Called> of_all_;
  std::map<std::pair<std::string_view, std::string_view>, Called> of_app_;
};

}  // namespace

std::string plain(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c != '_') text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

std::string_view app_of(std::string_view table) {
  const std::size_t end = table.find_first_of("._");
  return end == std::string_view::npos ? std::string_view() : table.substr(0, end + 1);
}

std::string_view without_id(std::string_view column) {
  return column.ends_with("_id") ? column.substr(0, column.size() - 3) : column;
}

void infer_references(std::vector<SourceTable>& tables) {
  const TablesByModel by_model(tables);
  for (SourceTable& table : tables) {
    for (SourceColumn& column : table.columns) {
      if (!column.refers_to.empty() || column.name == table.key) continue;
      column.refers_to = by_model.only(app_of(table.name), plain(without_id(column.name)));
    }
  }
}

}  // namespace aforro::django

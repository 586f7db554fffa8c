// A dump has its models in an order of its own, and may come through a pipe: so it is read once, and all of
// its rows are put aside before it is known which models matter. A row takes as many columns as its model has
// fields; which field is in which column, a table in memory says.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "base/shorten.h"
#include "base/text.h"
#include "django/dump_reader.h"
#include "django/sources.h"
#include "django/staging.h"
#include "sql/value.h"

namespace aforro::django {
namespace {

constexpr std::size_t kMostModels = 2'000;
constexpr std::size_t kPlaces = 40;  // for the fields of one model
constexpr std::int64_t kObjectsBetweenLooks = 1'000;
constexpr std::string_view kKey = "pk";

constexpr std::string_view kTable = R"sql(
CREATE TABLE dumped (
  model INTEGER, key TEXT,
  f0 TEXT, f1 TEXT, f2 TEXT, f3 TEXT, f4 TEXT, f5 TEXT, f6 TEXT, f7 TEXT, f8 TEXT, f9 TEXT,
  f10 TEXT, f11 TEXT, f12 TEXT, f13 TEXT, f14 TEXT, f15 TEXT, f16 TEXT, f17 TEXT, f18 TEXT, f19 TEXT,
  f20 TEXT, f21 TEXT, f22 TEXT, f23 TEXT, f24 TEXT, f25 TEXT, f26 TEXT, f27 TEXT, f28 TEXT, f29 TEXT,
  f30 TEXT, f31 TEXT, f32 TEXT, f33 TEXT, f34 TEXT, f35 TEXT, f36 TEXT, f37 TEXT, f38 TEXT, f39 TEXT
);
)sql";

// Of Django itself and of no use here; sessions and the log may be most of a dump.
constexpr std::array<std::string_view, 5> kPassedOver{"sessions.session", "admin.logentry", "auth.permission",
                                                      "contenttypes.contenttype", "auth.group"};

struct Model {
  std::string name;
  std::vector<std::string> fields;  // by their places
  std::vector<bool> are_lists;      // whether any object has a list there
  bool has_keys = true;
};

class DumpSource final : public Source {
 public:
  DumpSource(sql::Connection& staging, ReadBytes read, FunctionRef<void(std::int64_t)> progress)
      : staging_(staging) {
    staging_.script(kTable);
    RowBuffer rows(
        staging_,
        "INSERT INTO dumped VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
        " $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33,"
        " $34, $35, $36, $37, $38, $39, $40, $41, $42)");
    std::int64_t objects = 0;
    read_dump_objects(read, [&](DumpObject& object) {
      if (std::find(kPassedOver.begin(), kPassedOver.end(), object.model) == kPassedOver.end())
        rows.add(row_of(object));
      if (++objects % kObjectsBetweenLooks == 0) progress(objects);
    });
    rows.flush();
    if (models_.empty()) {
      throw Problem(Problem::Kind::invalid,
                    objects == 0 ? "the dump holds no objects"
                                 : "the dump holds no objects but what Django keeps for itself: sessions,"
                                   " permissions, groups and its log");
    }
    staging_.script("CREATE INDEX dumped_by_model ON dumped (model)");
  }

  std::vector<SourceTable> tables() override {
    std::vector<SourceTable> tables;
    for (const Model& model : models_) {
      SourceTable table{.name = model.name, .key = model.has_keys ? std::string(kKey) : "", .columns = {}};
      table.columns.push_back({.name = std::string(kKey)});
      for (std::size_t i = 0; i < model.fields.size(); ++i)
        table.columns.push_back({.name = model.fields[i], .is_list = model.are_lists[i]});
      tables.push_back(std::move(table));
    }
    return tables;
  }

  void read(const std::string& table, std::span<const std::string> columns,
            FunctionRef<void(std::span<const Cell>)> visit) override {
    const auto model =
        std::find_if(models_.begin(), models_.end(), [&](const Model& each) { return each.name == table; });
    std::vector<int> places;
    for (const std::string& column : columns) places.push_back(place_of(*model, column));
    std::vector<Cell> cells(columns.size());
    staging_.query("SELECT * FROM dumped WHERE model = $1 ORDER BY rowid", {model - models_.begin()},
                   [&](const sql::Row& row) {
                     for (std::size_t i = 0; i < places.size(); ++i) {
                       const bool is_there = places[i] >= 0 && !row.is_null(places[i]);
                       cells[i] = is_there ? Cell(row.text(places[i])) : Cell();
                     }
                     visit(cells);
                   });
  }

 private:
  // In a row; -1 for none.
  static int place_of(const Model& model, const std::string& column) {
    if (column.empty()) return -1;
    if (column == kKey) return 1;
    const auto field = std::find(model.fields.begin(), model.fields.end(), column);
    return static_cast<int>(field - model.fields.begin()) + 2;
  }

  Model& model_named(const std::string& name) {
    const auto found = numbers_.find(name);
    if (found != numbers_.end()) return models_[found->second];
    if (models_.size() == kMostModels) throw Problem(Problem::Kind::invalid, "the dump has too many models");
    numbers_.emplace(name, models_.size());
    models_.push_back({.name = name, .fields = {}, .are_lists = {}});
    return models_.back();
  }

  std::vector<sql::Value> row_of(DumpObject& object) {
    Model& model = model_named(object.model);
    std::vector<sql::Value> row(kPlaces + 2);
    row[0] = static_cast<std::int64_t>(numbers_.at(object.model));
    if (object.key) row[1] = std::move(*object.key);
    model.has_keys = model.has_keys && object.key;
    for (std::size_t i = 0; i < object.fields.size(); ++i) {
      DumpField& field = object.fields[i];
      // Every row of a model has the same fields in the same order, as a rule.
      const bool is_as_before = i < model.fields.size() && model.fields[i] == field.name;
      const std::size_t place =
          is_as_before
              ? i
              : static_cast<std::size_t>(std::find(model.fields.begin(), model.fields.end(), field.name) -
                                         model.fields.begin());
      if (place == kPlaces) {
        throw Problem(Problem::Kind::invalid,
                      shortened(for_terminal(object.model), 80) + " has more than " +
                          std::to_string(kPlaces) +
                          " fields; leave such models out of the dump with --exclude");
      }
      if (place == model.fields.size()) {
        model.fields.push_back(field.name);
        model.are_lists.push_back(false);
      }
      if (field.is_list) model.are_lists[place] = true;
      if (field.value) row[place + 2] = std::move(*field.value);
    }
    return row;
  }

  sql::Connection& staging_;
  std::vector<Model> models_;
  std::map<std::string, std::size_t, std::less<>> numbers_;
};

}  // namespace

std::unique_ptr<Source> read_dump(sql::Connection& staging, ReadBytes read,
                                  FunctionRef<void(std::int64_t done)> progress) {
  return std::make_unique<DumpSource>(staging, read, progress);
}

}  // namespace aforro::django

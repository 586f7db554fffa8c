// The rows of the former service on their way: read once from its snapshot, cleaned as they come, and kept in
// a database without a name until all of them are there and can be put in relation. Memory does not grow with
// their number: some MiB of them are held at a time, or one if that is larger. One thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/time.h"
#include "django/layout.h"
#include "django/report.h"
#include "django/source.h"
#include "sql/connection.h"
#include "sql/value.h"

namespace aforro::django {

// Told rows done; how many there are is not known.
using Progress = FunctionRef<void(std::int64_t done)>;

// What becomes of an order there, by its status in small letters; nothing: it is left out.
enum class Became { confirmed, rejected, cancelled, pending };
using Statuses = std::map<std::string, std::optional<Became>, std::less<>>;

// Those that everybody has.
Statuses known_statuses();
// Reads "shipped=confirmed", "draft=none" into them. Throws Problem (invalid).
void add_status(Statuses& statuses, std::string_view given);

// The tables that staging fills and settling works on (see the script in staging.cpp).
std::unique_ptr<sql::Connection> open_staging();

// Rows of one INSERT, put off and run together: as many as 500, or 4 MiB of texts.
class RowBuffer {
 public:
  RowBuffer(sql::Connection& connection, sql::Text insert) : RowBuffer(connection, insert, nullptr, "") {}
  // Of an INSERT that returns a row for each row that it takes: those that it does not are told the report as
  // having a key that is there already, the first of their values. `one` is what a row is called.
  RowBuffer(sql::Connection& connection, sql::Text insert, Report* report, std::string_view one)
      : connection_(connection), insert_(insert), report_(report), one_(one) {}
  RowBuffer(const RowBuffer&) = delete;
  RowBuffer& operator=(const RowBuffer&) = delete;

  void add(std::vector<sql::Value> row);
  void flush();  // to be called at the end

 private:
  sql::Connection& connection_;
  const sql::Text insert_;
  Report* const report_;  // null: every row is taken
  const std::string_view one_;
  std::vector<std::vector<sql::Value>> rows_;
  std::size_t bytes_ = 0;  // of their texts
};

// How many rows each table had.
struct Staged {
  std::array<std::int64_t, kRoles.size()> rows{};
};

// Throws Problem (invalid) if there are orders of a status that `statuses` does not know, naming each with
// the number of its orders; and what the source throws.
Staged stage(Source& source, const Layout& layout, const Statuses& statuses, Time now,
             sql::Connection& staging, Report& report, Progress progress);

}  // namespace aforro::django

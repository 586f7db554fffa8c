#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include "app/commands.h"
#include "app/copies.h"
#include "app/findings.h"
#include "app/terminal.h"
#include "base/json_writer.h"
#include "base/problem.h"
#include "copy/shop_copy.h"
#include "verify/verification.h"

namespace aforro::app {
namespace {

struct Options {
  std::string from;
  std::string to;
};

struct Done {
  std::vector<copy::CopiedTable> tables;
  verify::Findings findings;
  double seconds = 0;
};

bool is_the_same(const copy::CopiedTable& table) { return table.is_the_same; }

bool is_right(const Done& done) {
  return done.findings.is_clean() && std::all_of(done.tables.begin(), done.tables.end(), is_the_same);
}

void print_document(Session& session, const Done& done) {
  JsonWriter json;
  json.begin_object();
  json.key("tables").begin_array();
  for (const copy::CopiedTable& table : done.tables) {
    json.begin_object();
    json.key("name").string(table.name);
    json.key("rows").number(table.rows);
    json.key("hash").string(table.hash);
    json.key("is_the_same").boolean(table.is_the_same);
    json.end_object();
  }
  json.end_array();
  json.key("seconds").raw(std::to_string(done.seconds));
  json.key("fault_count").number(done.findings.fault_count());
  json.end_object();
  session.print_json(json.take());
}

void print_table(Session& session, const Done& done) {
  Table table({{.name = "table"}, {.name = "rows", .align = Column::Align::right}, {.name = "read again"}});
  for (const copy::CopiedTable& copied : done.tables) {
    table.add(
        {std::string(copied.name), std::to_string(copied.rows), copied.is_the_same ? "the same" : "DIFFERS"});
  }
  session.print(table, "");
}

void require_two(const DatabaseChoice& from, const DatabaseChoice& to) {
  const bool is_one = from.location == to.location ||
                      (!is_postgres(from) && !is_postgres(to) && is_same_file(from.location, to.location));
  if (is_one) throw wrong_usage("--from and --to are the same database");
}

// What a refusal says of --database is meant of the option that named this one.
Database open(Session& session, const DatabaseChoice& choice, sql::Missing missing, sql::Access access) {
  try {
    return open_database(choice, missing, access, session.patience(), {});
  } catch (const Problem& problem) {
    std::string detail = problem.detail();
    constexpr std::string_view kOption = "--database";
    if (const std::size_t at = detail.find(kOption); at != std::string::npos) {
      detail.replace(at, kOption.size(), choice.reason);
    }
    throw Problem(problem.kind(), detail);
  }
}

Done copy_and_verify(Session& session, const DatabaseChoice& from, const DatabaseChoice& to) {
  const auto began = std::chrono::steady_clock::now();
  const Database source = open(session, from, sql::Missing::refuse, sql::Access::read_only);
  if (!is_postgres(from)) {
    session.remark("copying; meanwhile the log of a server on " + shown_location(from) +
                   " may grow past its bound");
  }
  const Database target = open(session, to, sql::Missing::create, sql::Access::read_write);
  Done done;
  {
    Progress progress("copying row");
    done.tables = copy::copy_shop(*source.engine, *target.engine,
                                  [&](std::int64_t rows, std::int64_t all) { progress.show(rows, all); });
  }
  {
    Progress progress("verifying row");
    done.findings =
        verify::check_shop(*target.engine, *target.search,
                           [&](std::int64_t rows, std::int64_t all) { progress.show(rows, all); });
  }
  done.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return done;
}

void copy(Session& session, const Options& options) {
  const DatabaseChoice from{.location = options.from, .reason = "--from"};
  const DatabaseChoice to{.location = options.to, .reason = "--to"};
  require_two(from, to);
  const Done done = copy_and_verify(session, from, to);
  session.wants_json() ? print_document(session, done) : print_table(session, done);
  if (!done.findings.is_clean()) {
    session.print(session.wants_json() ? "" : fault_lines(done.findings));
    session.remark("aforro: " + counted_faults(done.findings) + " in " + shown_location(to) +
                   "; does `aforro verify` find them in " + shown_location(from) + "?");
  }
  if (!is_right(done)) session.refused();
}

}  // namespace

void add_copy(CLI::App& program, Session& session) {
  CLI::App* const command =
      program.add_subcommand("copy", "a whole shop into another, empty database: a file, or PostgreSQL");
  const auto options = std::make_shared<Options>();
  session
      .add_location(*command, "--from", "the shop: a SQLite file, or postgres://…; it is only read",
                    options->from)
      ->required();
  session
      .add_location(*command, "--to", "where it goes: made if it is not there; it must hold no shop yet",
                    options->to)
      ->required();
  session.add_lock_timeout(*command, kCommandPatience);
  session.add_manners(*command, "aforro copy --from shop.db --to postgres://shop@localhost/shop",
                      kCommandPatience);
  command->callback([&session, options] { copy(session, *options); });
}

}  // namespace aforro::app

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "base/json_writer.h"
#include "shop/schema.h"

namespace aforro::app {
namespace {

void migrate(Session& session) {
  const bool is_new = !database_exists(session.database_choice());
  const Database database = session.open_database(sql::Missing::create);
  const int version = database.engine->schema().version;
  if (session.wants_json()) {
    JsonWriter json;
    json.begin_object().key("version").number(version).key("created").boolean(is_new).end_object();
    session.print_json(json.take());
    return;
  }
  session.print((is_new ? "created " : "") + shown_location(session.database_choice()) +
                (is_new ? " with schema version " : " has schema version ") + std::to_string(version) + "\n");
  if (const int known = shop::schema().version; version > known) {
    session.remark("note: that is of a newer version of this program, which itself knows up to " +
                   std::to_string(known));
  }
}

}  // namespace

void add_migrate(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand(
      "migrate", "bring the database to this program's schema; make it if it is missing");
  session.add_common(*command, "aforro migrate --database shop.db");
  command->callback([&session] { migrate(session); });
}

}  // namespace aforro::app

#include <sqlite3.h>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "base/json_writer.h"
#include "version.h"

namespace aforro::app {
namespace {

std::string version_line() {
  return std::string("aforro ") + kVersion + " (" + kCommit + "), SQLite " + sqlite3_libversion() + "\n";
}

}  // namespace

void add_version(CLI::App& program, Session& session) {
  program.set_version_flag("--version", version_line, "say which version this is");
  CLI::App* const command = program.add_subcommand("version", "say which version this is");
  session.add_common(*command, "aforro version");
  command->callback([&session] {
    if (!session.wants_json()) {
      session.print(version_line());
      return;
    }
    JsonWriter json;
    json.begin_object();
    json.key("version").string(kVersion);
    json.key("commit").string(kCommit);
    json.key("sqlite").string(sqlite3_libversion());
    json.end_object();
    session.print_json(json.take());
  });
}

}  // namespace aforro::app

#include "verify/verification.h"

#include <sys/resource.h>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/findings.h"
#include "app/terminal.h"
#include "base/json_writer.h"

namespace aforro::app {
namespace {

void print_lines(Session& session, const verify::Findings& findings) {
  session.print(findings.is_clean() ? "nothing is wrong: " + counted(findings) + '\n'
                                    : fault_lines(findings));
  remark_left_out(session, findings);
}

void print_document(Session& session, const verify::Findings& findings) {
  JsonWriter json;
  json.begin_object();
  json.key("is_clean").boolean(findings.is_clean());
  write_counted(json.key("checked"), findings);
  json.key("fault_count").number(findings.fault_count());
  json.key("faults").begin_array();
  for (const verify::Check check : verify::kChecks) {
    for (const std::string& detail : findings.named(check)) {
      json.begin_object().key("check").string(to_string(check)).key("detail").string(detail).end_object();
    }
  }
  json.end_array();
  json.key("left_out").begin_array();
  for (const std::string& what : findings.left_out()) json.string(what);
  json.end_array().end_object();
  session.print_json(json.take());
}

// Verifying can wait, and customers of a server can't. Not longer than it takes, though: its snapshot holds
// the log.
void give_way() { ::setpriority(PRIO_PROCESS, 0, 19); }

void verify(Session& session) {
  const Database database = session.open_database_to_read();
  give_way();
  const verify::Findings findings = [&] {
    Progress progress("verifying row");
    return verify::check_shop(*database.engine, *database.search,
                              [&](std::int64_t done, std::int64_t all) { progress.show(done, all); });
  }();
  session.wants_json() ? print_document(session, findings) : print_lines(session, findings);
  if (findings.is_clean()) return;
  session.remark("aforro: " + counted_faults(findings) + " in " + shown_location(session.database_choice()));
  session.refused();
}

}  // namespace

void add_verify(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand(
      "verify", "recompute all that the database says and name what is wrong, beside a server too");
  session.add_common(*command, "aforro verify --database shop.db");
  command->callback([&session] { verify(session); });
}

}  // namespace aforro::app

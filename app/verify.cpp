#include "shop/verification.h"

#include <sys/resource.h>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/terminal.h"
#include "base/json_writer.h"

namespace aforro::app {
namespace {

// "categories 12, products 1,200, stores 24"
std::string counted(const shop::Findings& findings) {
  std::string text;
  for (const auto& [what, number] : findings.counts()) {
    text += (text.empty() ? "" : ", ") + std::string(what) + ' ' + with_separators(number);
  }
  return text;
}

void print_lines(Session& session, const shop::Findings& findings) {
  for (const shop::Check check : shop::kChecks) {
    const auto& named = findings.named(check);
    const std::string kind(to_string(check));
    for (const std::string& detail : named) session.print(kind + ": " + on_one_line(detail) + '\n');
    const auto more = findings.fault_count(check) - static_cast<std::int64_t>(named.size());
    if (more > 0) session.print(kind + ": and " + with_separators(more) + " more\n");
  }
  if (findings.is_clean()) session.print("nothing is wrong: " + counted(findings) + '\n');
  for (const std::string& what : findings.left_out()) session.remark("left out: " + on_one_line(what));
}

void print_document(Session& session, const shop::Findings& findings) {
  JsonWriter json;
  json.begin_object();
  json.key("is_clean").boolean(findings.is_clean());
  json.key("checked").begin_object();
  for (const auto& [what, number] : findings.counts()) {
    std::string name(what);
    for (char& c : name) c = c == ' ' ? '_' : c;
    json.key(name).number(number);
  }
  json.end_object();
  json.key("fault_count").number(findings.fault_count());
  json.key("faults").begin_array();
  for (const shop::Check check : shop::kChecks) {
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

// It can wait; whoever is served meanwhile can't.
void give_way() { ::setpriority(PRIO_PROCESS, 0, 19); }

void verify(Session& session) {
  const Database database = session.open_database(sql::Missing::refuse);
  give_way();
  const shop::Findings findings = [&] {
    Progress progress("verifying row");
    return shop::verify(
        *database.connection,
        [&](sql::Connection& connection, shop::Findings& to) {
          database.search->verify_index(connection, to);
        },
        [&](std::int64_t done, std::int64_t all) { progress.show(done, all); });
  }();
  session.wants_json() ? print_document(session, findings) : print_lines(session, findings);
  if (findings.is_clean()) return;
  session.remark("aforro: " + with_separators(findings.fault_count()) +
                 (findings.fault_count() == 1 ? " fault" : " faults") + " in " +
                 shown_location(session.database_choice()));
  session.refused();
}

}  // namespace

void add_verify(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand(
      "verify",
      "recompute all that the database says and name what is wrong; reads only, beside a server too, whose"
      " write-ahead log grows meanwhile");
  session.add_common(*command, "aforro verify --database shop.db");
  command->callback([&session] { verify(session); });
}

}  // namespace aforro::app

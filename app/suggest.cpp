#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "base/json_writer.h"
#include "base/problem.h"
#include "base/text.h"

namespace aforro::app {
namespace {

void run(Session& session, const std::string& text) {
  session.name_faults([](const Fault&) { return "TEXT"; });
  search::SuggestQuery query;
  as_usage(session, [&] { query = search::parse_suggest({{"q", text}}); });
  const Database database = session.open_database_to_read();
  const std::vector<std::string> titles = database.search->suggest(query);
  if (session.wants_json()) {
    JsonWriter json;
    json.begin_object().key("suggestions").begin_array();
    for (const std::string& title : titles) json.string(title);
    json.end_array().end_object();
    session.print_json(json.take());
    return;
  }
  std::string lines;
  for (const std::string& title : titles) lines += for_terminal(title) + '\n';
  if (lines.empty()) session.remark("no title begins so");
  session.print(lines);
}

}  // namespace

void add_suggest(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand("suggest", "titles for what has been typed so far");
  const auto text = std::make_shared<std::string>();
  command->add_option("TEXT", *text, "at least 3 characters; 2 of Chinese, Japanese or Korean")
      ->required()
      ->type_name("");
  session.add_common(*command, "aforro suggest \"wire\"");
  command->callback([&session, text] { run(session, *text); });
}

}  // namespace aforro::app

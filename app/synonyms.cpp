#include "shop/synonyms.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "app/commands.h"
#include "base/json_writer.h"

namespace aforro::app {
namespace {

struct Options {
  std::string term;
  std::string also;
  bool is_one_way = false;

  shop::Ways ways() const { return is_one_way ? shop::Ways::one : shop::Ways::both; }
};

void list(Session& session) {
  const Database database = session.open_database_to_read();
  const std::vector<shop::Synonym> synonyms = shop::Synonyms(*database.engine).list();
  if (session.wants_json()) {
    JsonWriter json;
    json.begin_array();
    for (const shop::Synonym& synonym : synonyms) {
      json.begin_object();
      json.key("term").string(synonym.pair.term.text);
      json.key("also").string(synonym.pair.also.text);
      json.key("one_way").boolean(synonym.ways == shop::Ways::one);
      json.end_object();
    }
    json.end_array();
    session.print_json(json.take());
    return;
  }
  Table table(
      {{.name = "who types", .gives_way = true}, {.name = "also finds", .gives_way = true}, {"ways"}});
  for (const shop::Synonym& synonym : synonyms) {
    table.add(
        {synonym.pair.term.text, synonym.pair.also.text, synonym.ways == shop::Ways::one ? "one" : "both"});
  }
  session.print(table, "there are no synonyms");
}

shop::SynonymPair parse(Session& session, const Options& options) {
  session.name_faults([](const Fault& fault) { return fault.where == "term" ? "TERM" : "ALSO"; });
  shop::SynonymPair pair;
  as_usage(session, [&] { pair = shop::parse_synonym(options.term, options.also); });
  return pair;
}

// "tv" also finds, or "tv" and "television" find each other.
std::string sentence(const shop::SynonymPair& pair, shop::Ways ways, std::string_view one,
                     std::string_view both) {
  std::string text = pair.term.text;
  text += ways == shop::Ways::one ? one : " and ";
  text += pair.also.text;
  if (ways == shop::Ways::both) text += both;
  return on_one_line(text);
}

void print_done(Session& session, const shop::SynonymPair& pair, const Options& options, std::string_view key,
                bool value, const std::string& told) {
  if (!session.wants_json()) {
    session.print(told + "\n");
    return;
  }
  JsonWriter json;
  json.begin_object();
  json.key("term").string(pair.term.text);
  json.key("also").string(pair.also.text);
  json.key("one_way").boolean(options.is_one_way);
  json.key(key).boolean(value);
  json.end_object();
  session.print_json(json.take());
}

void add(Session& session, const Options& options) {
  const shop::SynonymPair pair = parse(session, options);
  const Database database = session.open_database(sql::Missing::refuse);
  const auto added = shop::Synonyms(*database.engine).add(pair, options.ways());
  const bool is_new = added == shop::Synonyms::Added::made;
  const std::string told = sentence(pair, options.ways(), " now also finds ", " now find each other");
  const std::string known = sentence(pair, options.ways(), " finds ", " find each other");
  print_done(session, pair, options, "is_new", is_new, is_new ? told : known + " already");
}

void remove(Session& session, const Options& options) {
  const shop::SynonymPair pair = parse(session, options);
  const Database database = session.open_database(sql::Missing::refuse);
  shop::Synonyms(*database.engine).remove(pair, options.ways());
  print_done(session, pair, options, "removed", true,
             sentence(pair, options.ways(), " no longer finds ", " no longer find each other"));
}

}  // namespace

void add_synonyms(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand(
      "synonyms", "words that a search takes for each other: look at them, add and remove them");
  command->require_subcommand(0, 1);
  const auto options = std::make_shared<Options>();
  const auto add_pair = [&](CLI::App& to, const char* one_way) {
    to.add_option("TERM", options->term, "a word, or a phrase in quotes")->required()->type_name("");
    to.add_option("ALSO", options->also, "what it is looked for as, too")->required()->type_name("");
    to.add_flag("--one-way", options->is_one_way, one_way);
  };
  const auto show = [&session] { list(session); };

  CLI::App* const listing = command->add_subcommand("list", "all of them, by their words");
  session.add_common(*listing, "aforro synonyms list");
  listing->callback(show);

  CLI::App* const adding = command->add_subcommand("add", "have two words or phrases find each other");
  add_pair(*adding, "only who types TERM finds ALSO, too");
  session.add_common(*adding, "aforro synonyms add tv television --one-way");
  adding->callback([&session, options] { add(session, *options); });

  CLI::App* const removing = command->add_subcommand("remove", "have them not find each other any more");
  add_pair(*removing, "only TERM no longer finds ALSO");
  session.add_common(*removing, "aforro synonyms remove tv television");
  removing->callback([&session, options] { remove(session, *options); });

  session.add_common(*command, "aforro synonyms");
  command->callback([command, show] {
    if (command->get_subcommands().empty()) show();
  });
}

}  // namespace aforro::app

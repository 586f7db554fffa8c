// First everything is read and settled, then what has to be told is told, and only then the shop is written,
// in one transaction: a dry run is the same without the last step. The table of old keys and new ids has its
// name before the shop commits, and loses it again if that fails, so that no shop is without its table.
#include "app/import_django.h"

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/commands.h"
#include "app/django_source.h"
#include "app/file.h"
#include "app/findings.h"
#include "app/terminal.h"
#include "app/text_file.h"
#include "base/json_writer.h"
#include "base/problem.h"
#include "base/text.h"
#include "django/carrying.h"
#include "django/layout.h"
#include "django/report.h"
#include "django/settling.h"
#include "django/staging.h"
#include "verify/verification.h"

namespace aforro::app {
namespace {

constexpr std::size_t kShownColumns = 20;
constexpr std::string_view kReportHead = "kind\teffect\twhat";

struct Options {
  std::string source;
  std::vector<std::string> tables;
  std::vector<std::string> columns;
  std::vector<std::string> statuses;
  std::string report;
  std::string ids;
  bool dry_run = false;
};

// What was said of the tables there.
struct Wishes {
  django::Choices choices;
  django::Statuses statuses = django::known_statuses();
};

template <class Add>
void add_all(const Session& session, const char* option, const std::vector<std::string>& given, Add add) {
  for (const std::string& each : given) {
    try {
      add(each);
    } catch (const Problem& problem) {
      throw wrong_usage(std::string(option) + ' ' + session.one_line(problem));
    }
  }
}

Wishes parse_wishes(const Session& session, const Options& options) {
  Wishes wishes;
  add_all(session, "--table", options.tables,
          [&](const std::string& given) { django::add_table(wishes.choices, given); });
  add_all(session, "--column", options.columns,
          [&](const std::string& given) { django::add_column(wishes.choices, given); });
  add_all(session, "--status", options.statuses,
          [&](const std::string& given) { django::add_status(wishes.statuses, given); });
  return wishes;
}

struct Imported {
  django::Layout layout;
  django::Staged staged;
  django::Settled settled;
};

// What was found, before anything else happens.
void tell(Session& session, const django::Layout& layout) {
  for (const django::Role role : django::kRoles) {
    const auto& table = layout.of(role);
    const std::string name(name_of(role));
    if (!table) {
      session.remark(name + ": none");
      continue;
    }
    std::string line = name + ": " + table->name + " (";
    std::string columns;
    const auto fields = fields_of(role);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (table->columns[i].empty()) continue;
      columns += (columns.empty() ? "" : ", ") + table->columns[i];
    }
    line += columns + ")";
    for (std::size_t i = 0; i < table->passed_over.size(); ++i) {
      if (i == kShownColumns) {
        line += " and " + std::to_string(table->passed_over.size() - i) + " more";
        break;
      }
      line += (i == 0 ? "; passed over: " : ", ") + table->passed_over[i];
    }
    session.remark(line);
  }
}

Imported read_and_settle(Session& session, const Options& options, const Wishes& wishes,
                         sql::Connection& staging, django::Report& report) {
  Imported imported;
  with_django_source(session, options.source, staging, [&](django::Source& source) {
    imported.layout = django::find_layout(source.tables(), wishes.choices);
    tell(session, imported.layout);
    Progress progress("reading row");
    imported.staged = django::stage(source, imported.layout, wishes.statuses, session.clock().now(), staging,
                                    report, [&](std::int64_t rows) { progress.show(rows); });
  });
  Progress progress("settling order");
  imported.settled = django::settle(staging, report, [&](std::int64_t orders) { progress.show(orders); });
  return imported;
}

// The rows of each kind, there and here.
struct Counted {
  std::string_view name;
  std::optional<django::Role> role;
  std::int64_t here;
};

std::vector<Counted> counted(const django::Settled& settled) {
  using django::Role;
  return {{"categories", Role::categories, settled.categories},
          {"products", Role::products, settled.products},
          {"stores", Role::stores, settled.stores},
          {"inventory rows", Role::inventory, settled.inventory},
          {"orders", Role::orders, settled.orders},
          {"order lines", Role::items, settled.order_lines},
          {"movements", std::nullopt, settled.movements},
          {"users", Role::users, settled.users}};
}

std::vector<django::Note> notes_of(const django::Report& report) {
  std::vector<django::Note> notes;
  for (std::size_t i = 0; i < django::kNotes; ++i) {
    const auto note = static_cast<django::Note>(i);
    if (report.count(note) > 0) notes.push_back(note);
  }
  return notes;
}

void print_text(Session& session, const Imported& imported, const django::Report& report,
                const Options& options) {
  Table table({{.name = "what"},
               {.name = "there", .align = Column::Align::right},
               {.name = options.dry_run ? "would be here" : "here", .align = Column::Align::right}});
  for (const Counted& row : counted(imported.settled)) {
    table.add({std::string(row.name),
               row.role ? std::to_string(imported.staged.rows[index_of(*row.role)]) : "",
               std::to_string(row.here)});
  }
  session.print(table, "");
  for (const django::Note note : notes_of(report)) {
    std::string text(sentence_of(note));
    text += " (" + with_separators(report.count(note)) + ")\n";
    for (const std::string& example : report.examples(note)) text += "    " + example + '\n';
    const std::int64_t more = report.count(note) - static_cast<std::int64_t>(report.examples(note).size());
    if (more > 0) text += "    and " + with_separators(more) + " more\n";
    session.print(text);
  }
}

struct Outcome {
  std::string ids_file;  // empty: none was needed
  verify::Findings findings;
};

void print_document(Session& session, const Imported& imported, const django::Report& report,
                    const Options& options, const Outcome& outcome) {
  JsonWriter json;
  json.begin_object();
  json.key("applied").boolean(!options.dry_run);
  json.key("rows").begin_array();
  for (const Counted& row : counted(imported.settled)) {
    json.begin_object().key("name").string(row.name).key("there");
    row.role ? json.number(imported.staged.rows[index_of(*row.role)]) : json.null();
    json.key("here").number(row.here).end_object();
  }
  json.end_array();
  json.key("notes").begin_array();
  for (const django::Note note : notes_of(report)) {
    json.begin_object().key("kind").string(name_of(note)).key("count").number(report.count(note));
    json.key("left_out").boolean(is_left_out(note)).key("detail").string(sentence_of(note));
    json.key("first").begin_array();
    for (const std::string& example : report.examples(note)) json.string(example);
    json.end_array().end_object();
  }
  json.end_array();
  json.key("ids_file");
  outcome.ids_file.empty() ? json.null() : json.string(for_terminal(outcome.ids_file));
  json.key("fault_count").number(outcome.findings.fault_count());
  json.end_object();
  session.print_json(json.take());
}

// Beside a file; for PostgreSQL in the working folder.
std::filesystem::path ids_file(Session& session, const Options& options) {
  if (!options.ids.empty()) return options.ids;
  const DatabaseChoice& choice = session.database_choice();
  if (!is_postgres(choice)) return choice.location + ".ids.tsv";
  const std::string shown = shown_location(choice);
  return shown.substr(shown.rfind('/') + 1) + ".ids.tsv";
}

// A report is written again and again; in the place of no other file.
void require_replaceable(const std::filesystem::path& report) {
  std::error_code unknown;
  const auto status = std::filesystem::status(report, unknown);
  if (!std::filesystem::exists(status)) return;
  if (std::filesystem::is_regular_file(status)) {
    std::array<char, kReportHead.size()> head{};
    const std::size_t got = InputFile(report).read(head);
    if (got == 0 || std::string_view(head.data(), got) == kReportHead) return;
  }
  throw Problem(
      Problem::Kind::conflict,
      report.string() + " is there already and is no report of an import; name another with --report");
}

// Whether two names, of files that need not be there yet, will be of one.
bool are_same(const std::filesystem::path& a, const std::filesystem::path& b) {
  return std::filesystem::weakly_canonical(a) == std::filesystem::weakly_canonical(b);
}

// Before anything is read, which may take long.
void require_files_to_write(Session& session, const Options& options) {
  const std::filesystem::path ids = ids_file(session, options);
  if (!options.dry_run && std::filesystem::exists(ids)) {
    throw Problem(
        Problem::Kind::conflict,
        ids.string() + " is there already; name another for the table of old keys and new ids with --ids");
  }
  const DatabaseChoice& shop = session.database_choice();
  if (!is_postgres(shop) && are_same(ids, shop.location)) throw wrong_usage("--ids names the shop itself");
  if (options.report.empty()) return;
  require_replaceable(options.report);
  if (are_same(options.report, ids))
    throw wrong_usage("--report names the table of old keys and new ids, which --ids puts elsewhere");
  if (!is_postgres(shop) && are_same(options.report, shop.location))
    throw wrong_usage("--report names the shop itself");
}

// The table of old keys and new ids, which is taken away again unless the import has happened.
class IdsFile {
 public:
  IdsFile(const std::filesystem::path& path, sql::Connection& staging) : path_(path) {
    TextFile file(path);
    file.add("table\told\tnew");
    django::for_each_new_id(staging, [&](std::string_view table, std::string_view key, std::int64_t id) {
      file.add(std::string(table) + '\t' + for_terminal(key) + '\t' + std::to_string(id));
    });
    file.finish(PartialFile::Existing::refuse);
  }
  IdsFile(const IdsFile&) = delete;
  IdsFile& operator=(const IdsFile&) = delete;
  ~IdsFile() {
    std::error_code ignored;
    if (!is_kept_) std::filesystem::remove(path_, ignored);
  }
  void keep() { is_kept_ = true; }

 private:
  const std::filesystem::path path_;
  bool is_kept_ = false;
};

// A shop that is there already must be empty; said before the source is read, which may take long.
void require_empty_target(Session& session) {
  if (!database_exists(session.database_choice())) return;
  session.open_database_to_read().engine->read(django::require_empty);
}

Outcome apply(Session& session, const Options& options, sql::Connection& staging,
              const django::Report& report, const django::Settled& settled) {
  Outcome outcome;
  const Database database = session.open_database(sql::Missing::create);
  std::optional<IdsFile> ids;
  if (report.count(django::Note::renumbered) > 0) {
    const std::filesystem::path path = ids_file(session, options);
    ids.emplace(path, staging);
    outcome.ids_file = path.string();
  }
  const std::int64_t all = settled.categories + settled.products + settled.stores + settled.inventory +
                           settled.orders + settled.order_lines + settled.movements + settled.users;
  {
    Progress progress("writing row");
    try {
      django::carry(staging, *database.engine, session.clock().now(),
                    [&](std::int64_t rows) { progress.show(rows, all); });
    } catch (const OutcomeUnknown&) {
      if (ids) ids->keep();  // the shop may be there
      throw;
    }
  }
  if (ids) ids->keep();
  Progress progress("verifying row");
  outcome.findings = verify::check_shop(*database.engine, *database.search,
                                        [&](std::int64_t rows, std::int64_t of) { progress.show(rows, of); });
  return outcome;
}

void import_django(Session& session, const Options& options) {
  const Wishes wishes = parse_wishes(session, options);
  require_empty_target(session);
  require_files_to_write(session, options);
  std::optional<TextFile> list;
  if (!options.report.empty()) {
    list.emplace(options.report);
    list->add(kReportHead);
  }
  django::Report report([&](django::Note note, std::string_view what) {
    if (!list) return;
    list->add(std::string(name_of(note)) + '\t' + (is_left_out(note) ? "left out" : "changed") + '\t' +
              for_terminal(what));
  });
  const auto staging = django::open_staging();
  const Imported imported = read_and_settle(session, options, wishes, *staging, report);
  if (list) list->finish(PartialFile::Existing::replace);
  list.reset();
  Outcome outcome;
  if (!options.dry_run) outcome = apply(session, options, *staging, report, imported.settled);
  session.wants_json() ? print_document(session, imported, report, options, outcome)
                       : print_text(session, imported, report, options);
  if (!outcome.ids_file.empty()) session.remark("old keys and new ids: " + outcome.ids_file);
  if (outcome.findings.is_clean()) return;
  session.print(session.wants_json() ? "" : fault_lines(outcome.findings));
  session.remark("aforro: " + counted_faults(outcome.findings) + " in what was imported");
  session.refused();
}

}  // namespace

void add_import_django(CLI::App& parent, Session& session) {
  CLI::App* const command = parent.add_subcommand("django",
                                                  "take over a Django service: catalogue, stock, orders and "
                                                  "staff, with their ids, into an empty shop. Its"
                                                  " database is only read");
  const auto options = std::make_shared<Options>();
  command
      ->add_option(
          "SOURCE", options->source,
          "its database (postgres://…, or a SQLite file), or what `manage.py dumpdata` has written; - is"
          " a dump on standard input")
      ->required()
      ->type_name("");
  command
      ->add_option("--table", options->tables,
                   "which table holds categories, products, stores, inventory, orders, items or users, where"
                   " looking does not tell; none if there is none; may be repeated")
      ->type_name("ROLE=TABLE")
      ->allow_extra_args(false);
  command
      ->add_option("--column", options->columns,
                   "what a column is called, where looking does not tell; may be repeated")
      ->type_name("ROLE.FIELD=COLUMN")
      ->allow_extra_args(false);
  command
      ->add_option(
          "--status", options->statuses,
          "what became of orders of that status: confirmed, rejected, cancelled, pending; none leaves"
          " them out; may be repeated")
      ->type_name("STATUS=WHAT")
      ->allow_extra_args(false);
  command
      ->add_option("--report", options->report,
                   "write every row that is left out or changed there, as tab-separated lines")
      ->type_name("FILE");
  command
      ->add_option("--ids", options->ids,
                   "where the table of old keys and new ids goes, if keys are no whole numbers (UUIDs) "
                   "[DATABASE.ids.tsv]")
      ->type_name("FILE");
  command->add_flag("--dry-run", options->dry_run, "say what would happen and change nothing");
  session.add_common(*command,
                     "aforro import django postgres://shop@localhost/old --database shop.db --dry-run");
  command->callback([&session, options] { import_django(session, *options); });
}

}  // namespace aforro::app

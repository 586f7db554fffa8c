// Both imports go the same way: read the file whole, say what is wrong with it, and only then change
// anything.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "app/commands.h"
#include "app/file.h"
#include "app/import_django.h"
#include "app/terminal.h"
#include "base/encoding.h"
#include "base/gzip.h"
#include "base/json_writer.h"
#include "base/problem.h"
#include "base/text.h"
#include "bulk/inventory_import.h"
#include "bulk/product_import.h"

namespace aforro::app {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;
constexpr std::size_t kShownColumns = 20;

struct Options {
  std::string file;
  std::vector<std::string> maps;
  std::string category;
  std::string separator;
  std::string encoding;
  bool skip_bad = false;
  bool dry_run = false;
  bool create_stores = false;
};

bulk::ColumnNames parse_maps(const std::vector<std::string>& maps, std::span<const std::string_view> fields) {
  bulk::ColumnNames names;
  for (const std::string& map : maps) {
    const std::size_t equals = map.find('=');
    const std::string field = map.substr(0, equals);
    if (equals == std::string::npos || field.empty() || equals + 1 == map.size()) {
      throw wrong_usage("--map must be FIELD=COLUMN, as in --map title=name");
    }
    if (std::find(fields.begin(), fields.end(), field) == fields.end()) {
      const auto nearest = nearest_name(field, fields);
      std::string known;
      for (const std::string_view each : fields) known += (known.empty() ? "" : ", ") + std::string(each);
      throw wrong_usage(
          "--map: there is no field " + field +
          (nearest ? "; did you mean " + std::string(*nearest) + "?" : "; the fields are " + known));
    }
    if (!names.emplace(field, map.substr(equals + 1)).second) {
      throw wrong_usage("--map: the field " + field + " is given twice");
    }
  }
  if (names.contains("price") && names.contains("price_minor")) {
    throw wrong_usage("--map: price and price_minor can't both be read");
  }
  if (fields.data() == bulk::kProductFields.data() && names.contains("sku") && names.contains("product_id")) {
    throw wrong_usage("--map: products are changed by sku or by product_id, not by both");
  }
  return names;
}

// The separators by the names that they can be asked for, and are told by.
constexpr std::array<std::pair<std::string_view, char>, 7> kSeparatorNames = {{{"comma", ','},
                                                                               {"semicolon", ';'},
                                                                               {"tab", '\t'},
                                                                               {"pipe", '|'},
                                                                               {"colon", ':'},
                                                                               {"caret", '^'},
                                                                               {"tilde", '~'}}};

std::optional<char> parse_separator(const std::string& given) {
  if (given.empty()) return std::nullopt;
  if (given.size() == 1 && is_csv_separator(given[0])) return given[0];
  if (given == "\\t") return '\t';
  for (const auto& [name, separator] : kSeparatorNames) {
    if (given == name) return separator;
  }
  throw wrong_usage("--separator must be comma, semicolon, tab, pipe, or one of , ; | : ^ ~");
}

std::optional<Encoding> parse_encoding_option(const std::string& given) {
  if (given.empty()) return std::nullopt;
  if (const auto encoding = parse_encoding(given)) return encoding;
  throw wrong_usage("--encoding must be utf-8, utf-16 or windows-1252; iconv makes UTF-8 of all others");
}

// How the file is to be read, and what it holds, in UTF-8.
struct Source {
  std::optional<char> separator;
  Encoding encoding;
  std::string csv;
};

Source read_source(const Options& options) {
  const std::optional<char> separator = parse_separator(options.separator);
  const std::optional<Encoding> encoding = parse_encoding_option(options.encoding);
  std::string bytes = read_file(options.file, kMaxFileBytes);
  if (is_gzip(bytes)) bytes = gunzip(bytes, kMaxFileBytes);
  Source source{.separator = separator, .encoding = encoding ? *encoding : guess_encoding(bytes), .csv = {}};
  source.csv = to_utf8(std::move(bytes), source.encoding);
  return source;
}

// Says what was understood, before anything is changed.
void tell(Session& session, const Options& options, Encoding encoding, const bulk::ImportShape& shape) {
  std::string line = (options.file == "-" ? "standard input" : options.file) + ": " +
                     std::string(name_of(encoding)) + ", separated by ";
  for (const auto& [name, separator] : kSeparatorNames) {
    if (separator == shape.separator) line += std::string(name) + 's';
  }
  session.remark(on_one_line(line));
  line = "columns read: ";
  for (const bulk::ImportShape::Read& read : shape.read) {
    line += (&read == &shape.read.front() ? "" : ", ") + read.field;
    if (read.column != read.field) line += " (" + bulk::shown(read.column) + ")";
  }
  session.remark(line);
  if (shape.passed_over.empty()) return;
  line = "columns passed over: ";
  for (std::size_t i = 0; i < shape.passed_over.size(); ++i) {
    if (i == kShownColumns) {
      line += " and " + std::to_string(shape.passed_over.size() - i) + " more";
      break;
    }
    const bulk::ImportShape::PassedOver& passed = shape.passed_over[i];
    line += (i == 0 ? "" : ", ") + bulk::shown(passed.column);
    if (passed.meant) line += " (did you mean " + *passed.meant + "?)";
  }
  session.remark(line);
}

std::string counted(std::int64_t count, const std::string& one) {
  return std::to_string(count) + ' ' + one + (count == 1 ? "" : "s");
}

// Shows what is bad. Throws Problem if that keeps the file out.
void report_bad(Session& session, const bulk::BadRows& bad, const Options& options) {
  for (const bulk::BadRow& row : bad.first())
    session.remark("line " + std::to_string(row.line) + ": " + row.reason);
  const auto more = bad.count() - static_cast<std::int64_t>(bad.first().size());
  if (more > 0) session.remark("and " + std::to_string(more) + " more");
  if (bad.count() == 0 || options.skip_bad) return;
  const auto any_says = [&](std::string_view what) {
    return std::any_of(bad.first().begin(), bad.first().end(),
                       [&](const bulk::BadRow& row) { return row.reason.find(what) != std::string::npos; });
  };
  const bool lacks_stores = any_says("there is no store");
  const bool lacks_encoding = options.encoding.empty() && any_says("the row is not valid UTF-8");
  throw Problem(Problem::Kind::invalid,
                counted(bad.count(), "bad row") +
                    ", so nothing was imported; --skip-bad leaves such rows out" +
                    (lacks_stores && !options.create_stores ? ", --create-stores makes missing stores" : "") +
                    (lacks_encoding ? std::string(bulk::kEncodingHint) : ""));
}

// Named counts, in order, and how many rows were left out.
struct Summary {
  std::vector<std::pair<std::string_view, std::int64_t>> counts;
  const bulk::BadRows& bad;
};

void print(Session& session, const Summary& summary, const Options& options) {
  if (!session.wants_json()) {
    std::string line = options.dry_run ? "would be: " : "";
    for (std::size_t i = 0; i < summary.counts.size(); ++i) {
      const auto& [name, count] = summary.counts[i];
      std::string words(name);
      for (char& c : words) c = c == '_' ? ' ' : c;
      line += (i == 0 ? "" : ", ") + words + ' ' + std::to_string(count);
    }
    session.print(line + "\n");
    return;
  }
  JsonWriter json;
  json.begin_object();
  json.key("applied").boolean(!options.dry_run);
  for (const auto& [name, count] : summary.counts) json.key(name).number(count);
  json.key("bad_rows").begin_array();
  for (const bulk::BadRow& row : summary.bad.first()) {
    json.begin_object().key("line").number(row.line).key("reason").string(row.reason).end_object();
  }
  json.end_array().end_object();
  session.print_json(json.take());
}

// Rows that are taken, but should be looked at.
void report_doubtful(Session& session, const bulk::BadRows& doubtful) {
  for (const bulk::BadRow& row : doubtful.first())
    session.remark("warning: line " + std::to_string(row.line) + ": " + row.reason);
  const auto more = doubtful.count() - static_cast<std::int64_t>(doubtful.first().size());
  if (more > 0) session.remark("and " + std::to_string(more) + " more warnings");
}

void put_products(Session& session, bulk::ProductFile& file, const Options& options,
                  bulk::ProductCounts& counts) {
  const auto all = static_cast<std::int64_t>(file.entries.size());
  if (options.dry_run && !database_exists(session.database_choice())) {
    report_doubtful(session, file.doubtful);
    counts.created = all;
    return;
  }
  const Database database = session.open_database(sql::Missing::create);
  shop::Catalogue catalogue(*database.engine, session.clock());
  bulk::doubt_look_alikes(catalogue, file);
  report_doubtful(session, file.doubtful);
  if (options.dry_run) {
    counts = bulk::preview_import(catalogue, std::span<const shop::ProductEntry>(file.entries));
    return;
  }
  Progress progress("importing product");
  counts = bulk::import_products(catalogue, file.entries, session.clock(), [&](std::size_t done) {
    progress.show(static_cast<std::int64_t>(done), all);
  });
}

void change_products(Session& session, bulk::ProductFile& file, const Options& options,
                     bulk::ProductCounts& counts) {
  std::string line = "changing products that are there: to make new ones, the file lacks ";
  for (const std::string& column : file.lacks) line += (&column == &file.lacks.front() ? "" : ", ") + column;
  session.remark(line);
  const Database database = session.open_database(sql::Missing::refuse);
  shop::Catalogue catalogue(*database.engine, session.clock());
  const std::vector<shop::ProductChange> changes = bulk::find_changes(catalogue, file);
  report_doubtful(session, file.doubtful);
  report_bad(session, file.bad, options);
  if (options.dry_run) {
    counts = bulk::preview_import(catalogue, std::span<const shop::ProductChange>(changes));
    return;
  }
  Progress progress("changing product");
  counts = bulk::import_changes(catalogue, changes, session.clock(), [&](std::size_t done) {
    progress.show(static_cast<std::int64_t>(done), static_cast<std::int64_t>(changes.size()));
  });
}

void import_products(Session& session, const Options& options) {
  const bulk::ColumnNames names = parse_maps(options.maps, bulk::kProductFields);
  const Source source = read_source(options);
  bulk::ProductFile file = bulk::read_products(
      source.csv, names, options.category.empty() ? std::nullopt : std::optional(options.category),
      source.separator);
  tell(session, options, source.encoding, file.shape);
  bulk::ProductCounts counts;
  if (file.lacks.empty()) {
    report_bad(session, file.bad, options);
    put_products(session, file, options, counts);
  } else {
    change_products(session, file, options, counts);
  }
  if (file.without_sku > 0) {
    session.remark("note: " + counted(file.without_sku, "row") + (file.without_sku == 1 ? " has" : " have") +
                   " no SKU: importing the file again would add " + (file.without_sku == 1 ? "it" : "them") +
                   " once more");
  }
  print(session,
        {.counts = {{"created", counts.created},
                    {"changed", counts.changed},
                    {"unchanged", counts.unchanged},
                    {"skipped", file.bad.count()}},
         .bad = file.bad},
        options);
}

void import_inventory(Session& session, const Options& options) {
  const bulk::ColumnNames names = parse_maps(options.maps, bulk::kInventoryFields);
  const Source source = read_source(options);
  const Database database = session.open_database(sql::Missing::refuse);
  shop::Catalogue catalogue(*database.engine, session.clock());
  shop::Inventory inventory(*database.engine, session.clock());
  const bulk::InventoryFile file = bulk::read_inventory(
      source.csv, names, options.create_stores ? bulk::UnknownStores::create : bulk::UnknownStores::refuse,
      catalogue, source.separator);
  tell(session, options, source.encoding, file.shape);
  report_bad(session, file.bad, options);
  bulk::InventoryCounts counts;
  if (options.dry_run) {
    counts = bulk::preview_import(inventory, file);
  } else {
    Progress progress("setting row");
    counts = bulk::import_inventory(catalogue, inventory, file, session.clock(), [&](std::size_t done) {
      progress.show(static_cast<std::int64_t>(done), static_cast<std::int64_t>(file.rows.size()));
    });
  }
  print(session,
        {.counts = {{"changed", counts.changed},
                    {"unchanged", counts.unchanged},
                    {"skipped", file.bad.count()},
                    {"stores_created", counts.stores_created}},
         .bad = file.bad},
        options);
}

void add_shared_options(CLI::App& command, Options& options) {
  command.add_option("FILE", options.file, "CSV, plain or packed by gzip; - is standard input")
      ->required()
      ->type_name("");
  command.add_option("--map", options.maps, "what the file calls a field; may be repeated")
      ->type_name("FIELD=COLUMN")
      ->allow_extra_args(false);
  command
      .add_option("--separator", options.separator,
                  "what is between columns: comma, semicolon, tab, pipe; else found by looking")
      ->type_name("NAME");
  command
      .add_option("--encoding", options.encoding,
                  "utf-8, utf-16 or windows-1252; else UTF-8, or UTF-16 by its first bytes")
      ->type_name("NAME");
  command.add_flag("--skip-bad", options.skip_bad, "leave bad rows out instead of refusing the file");
  command.add_flag("--dry-run", options.dry_run, "say what would happen and change nothing");
}

}  // namespace

void add_import(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand(
      "import", "take products or counted inventory from a CSV file, or all of a Django service");
  command->require_subcommand(1);

  const auto options = std::make_shared<Options>();
  CLI::App* const products = command->add_subcommand(
      "products",
      "create products, or change those with a known SKU; reads the columns sku, title, description, price"
      " or price_minor (cents), category. A file with sku (or product_id) and only some of the others changes"
      " those of products that are there");
  add_shared_options(*products, *options);
  products->add_option("--category", options->category, "of rows that name none")->type_name("NAME");
  session.add_common(*products, "aforro import products catalogue.csv --map title=name --category Gifts");
  products->callback([&session, options] { import_products(session, *options); });

  CLI::App* const inventory = command->add_subcommand("inventory",
                                                      "set quantities to what was counted; reads the columns "
                                                      "store (id or name), sku or product_id, quantity");
  add_shared_options(*inventory, *options);
  inventory->add_flag("--create-stores", options->create_stores, "make the stores that are not there");
  session.add_common(*inventory, "aforro import inventory counted.csv --create-stores");
  inventory->callback([&session, options] { import_inventory(session, *options); });

  add_import_django(*command, session);
}

}  // namespace aforro::app

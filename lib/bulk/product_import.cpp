// What a file is for follows from its columns, and the danger is a file of new prices that is taken for one
// of new products, or the other way round. So a file updates products only if it names them by id where
// nothing speaks against that, or by SKU while it lacks a column that new products need. And it does not if
// it has a column whose name is nearly that of a lacking one: a slip in "title" must not make an update of a
// catalogue.
//
// Look-alikes (O and 0, Latin and Cyrillic A) are found by the hash of how a SKU looks, since the looks
// themselves would take as much memory again as the SKUs. Two looks that share a hash by accident cause a
// warning too many and nothing else. The shop's own looks are not stored: an import that makes products reads
// the SKUs of the shop once.
#include "bulk/product_import.h"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>

#include "base/lookalike.h"
#include "base/numbers.h"
#include "base/problem.h"
#include "base/text.h"
#include "bulk/import_price.h"
#include "bulk/sku_twins.h"
#include "shop/pieces.h"

namespace aforro::bulk {
namespace {

constexpr std::size_t kOrdinaryBytes = 256;  // of a product's text
constexpr std::size_t kLookedUpTogether = 1'000;

void choose_price(ImportTable& table) {
  table.prefer_named("price", "price_minor");
  if (!table.has("price") || !table.has("price_minor")) return;
  throw Problem(
      Problem::Kind::invalid,
      "there are columns for both price and price_minor; say which one counts with --map price=COLUMN or"
      " --map price_minor=COLUMN");
}

Money read_price(const ImportTable& table, DecimalMark mark, RowFaults& faults) {
  if (table.has("price")) {
    const ReadPrice read = read_price(table.cell("price"), mark);
    if (!read.price) faults.add_if("price", read.fault);
    return read.price.value_or(Money());
  }
  const auto minor = parse_whole_number(table.cell("price_minor"), 0, kMaxPrice.minor_units());
  if (!minor) faults.add("the price_minor must be whole cents from 0 to 999999999");
  return Money::from_minor(minor.value_or(0));
}

// Reads the cell of a text field; what comes back may be stored if no fault was added.
std::string read_text(std::string_view name, std::string_view cell, std::size_t min, std::size_t max,
                      RowFaults& faults) {
  faults.add_if(name, text_fault(cell, min, max));
  return normalize(cell);
}

std::string read_sku(std::string_view cell, RowFaults& faults) {
  const auto fault = sku_fault(cell);
  faults.add_if("sku", fault);
  return fault ? std::string() : normalize(cell);
}

// How the rows of a file are to be read.
struct Reading {
  std::optional<std::string> category;  // of rows that name none
  DecimalMark mark;
};

std::string read_category(const ImportTable& table, const Reading& reading, RowFaults& faults) {
  const std::string_view own = table.cell("category");
  return own.empty() && reading.category ? *reading.category
                                         : read_text("category", own, 1, shop::kMaxNameCharacters, faults);
}

shop::ProductEntry read_entry(const ImportTable& table, const Reading& reading, RowFaults& faults) {
  shop::ProductEntry entry;
  if (const std::string_view sku = table.cell("sku"); !sku.empty()) entry.sku = read_sku(sku, faults);
  entry.title = read_text("title", table.cell("title"), 1, shop::kMaxTitleCharacters, faults);
  if (table.has("description")) {
    entry.description =
        read_text("description", table.cell("description"), 0, shop::kMaxDescriptionCharacters, faults);
  }
  entry.price = read_price(table, reading.mark, faults);
  entry.category = read_category(table, reading, faults);
  return entry;
}

ProductFile::Update read_update(const ImportTable& table, const Reading& reading, RowFaults& faults) {
  ProductFile::Update update{
      .line = table.line(), .product = std::string(), .change = {.id = shop::ProductId(1)}};
  if (table.has("sku")) {
    update.product = read_sku(table.cell("sku"), faults);
  } else if (const auto id = parse_whole_number(table.cell("product_id"), 1, shop::kMaxId)) {
    update.product = shop::ProductId(*id);
  } else {
    faults.add("the product_id must be a whole number of at least 1");
  }
  shop::ProductChange& change = update.change;
  if (table.has("title"))
    change.title = read_text("title", table.cell("title"), 1, shop::kMaxTitleCharacters, faults);
  if (table.has("description")) {
    change.description =
        read_text("description", table.cell("description"), 0, shop::kMaxDescriptionCharacters, faults);
  }
  if (table.has_any({"price", "price_minor"})) change.price = read_price(table, reading.mark, faults);
  if (table.has("category")) change.category = read_category(table, reading, faults);
  return update;
}

// The SKUs of the file so far: finds one that comes twice, and one that looks like another.
class SkusOfFile {
 public:
  explicit SkusOfFile(ProductFile& file) : file_(file) {}

  // Adds the fault that an earlier row has the SKU; else keeps it, and doubts it if it looks like another.
  void note(const std::string& sku, std::int64_t line, RowFaults& faults) {
    const auto [first, is_new] = line_of_.try_emplace(sku, line);
    if (!is_new) {
      faults.add("the sku " + shown(sku) + " is that of line " + std::to_string(first->second));
      return;
    }
    if (is_shortened_number(sku)) {
      file_.doubtful.add(line, "the sku " + shown(sku) + " may be a number that a spreadsheet has shortened");
    }
    const auto [alike, has_new_look] = by_look_.try_emplace(std::hash<std::string>()(look_of(sku)), &*first);
    if (!has_new_look) {
      file_.doubtful.add(
          line, looks_like(sku, alike->second->first) + " of line " + std::to_string(alike->second->second));
    }
  }

 private:
  using Lines = std::unordered_map<std::string, std::int64_t>;

  ProductFile& file_;
  Lines line_of_;
  // Pointers into `line_of_` stay valid when it grows: it is a table of nodes.
  std::unordered_map<std::size_t, const Lines::value_type*> by_look_;  // by the hash of its look
};

// Refuses a file that can only be meant for new prices but lacks a column for that. Such a file has what is
// to be changed, or may have it under another name, and nothing like a title or a category.
void require_update(const ImportTable& table) {
  const AnyOf price = {"price", "price_minor"};
  const bool has_change = table.has_any({"price", "price_minor", "description"});
  if (table.has_any({"title", "category"}) || table.has_meant({"title", "category"})) return;
  if (!has_change && !table.has_meant(price)) return;
  std::vector<AnyOf> wanted;
  if (!table.has("product_id")) wanted.push_back({"sku"});
  if (!has_change) wanted.push_back(price);
  table.require(wanted, ", nor title and category, which new products need");
}

// What the columns of the file say that it is for. Throws Problem (invalid) if they are not enough.
std::vector<std::string> choose_columns(ImportTable& table, const ColumnNames& names, bool has_category) {
  std::vector<AnyOf> wanted = {{"title"}, {"price", "price_minor"}};
  if (!has_category) wanted.push_back({"category"});
  const bool by_id =
      names.contains("product_id") || (table.has("product_id") && !table.has("sku") && !table.has("title"));
  table.ignore(by_id ? "sku" : "product_id");
  const std::vector<std::string> lacks = table.missing(wanted);
  // A slip in the name of a column must not make something else of the file.
  const bool has_slip = std::any_of(wanted.begin(), wanted.end(), [&](const AnyOf& fields) {
    return !table.has_any(fields) && table.has_misspelt(fields);
  });
  const bool is_update = !has_slip && (by_id || (table.has("sku") && !lacks.empty())) &&
                         table.has_any({"title", "description", "price", "price_minor", "category"});
  if (!is_update && !has_category) require_update(table);
  if (!is_update) table.require(wanted);
  choose_price(table);
  if (!is_update) return {};
  if (has_category && !table.has("category")) {
    throw Problem(Problem::Kind::invalid,
                  "the file only changes products that are there, and a category is given for new ones");
  }
  return lacks.empty() ? std::vector<std::string>{"sku"} : lacks;
}

std::optional<std::string> read_given_category(const std::optional<std::string>& given) {
  if (!given) return std::nullopt;
  const std::string_view name = trim(*given);
  if (const auto fault = text_fault(name, 1, shop::kMaxNameCharacters)) {
    throw Problem(Problem::Kind::invalid, "the category " + *fault);
  }
  return normalize(name);
}

void count(ProductCounts& counts, std::span<const shop::Put> done) {
  for (const shop::Put put : done) {
    ++(put == shop::Put::created   ? counts.created
       : put == shop::Put::changed ? counts.changed
                                   : counts.unchanged);
  }
}

std::size_t weight(const shop::ProductEntry& entry) {
  return 1 + (entry.title.size() + (entry.description ? entry.description->size() : 0)) / kOrdinaryBytes;
}

}  // namespace

ProductFile read_products(std::string_view csv, const ColumnNames& names,
                          const std::optional<std::string>& category, std::optional<char> separator) {
  Reading reading{.category = read_given_category(category), .mark = DecimalMark::point};
  ImportTable table(csv, kProductFields, names, separator);
  ProductFile file;
  file.lacks = choose_columns(table, names, reading.category.has_value());
  file.shape = table.shape();
  if (file.shape.separator != ',') reading.mark = DecimalMark::point_or_comma;

  SkusOfFile skus(file);
  std::unordered_map<std::int64_t, std::int64_t> line_of_id;
  while (table.next()) {
    if (auto fault = table.fault()) {
      file.bad.add(table.line(), std::move(*fault));
      continue;
    }
    RowFaults faults;
    if (file.lacks.empty()) {
      shop::ProductEntry entry = read_entry(table, reading, faults);
      if (faults.none() && entry.sku) skus.note(*entry.sku, table.line(), faults);
      if (faults.none()) {
        if (!entry.sku) ++file.without_sku;
        file.entries.push_back(std::move(entry));
        file.lines.push_back(table.line());
      }
    } else {
      ProductFile::Update update = read_update(table, reading, faults);
      if (const auto* const sku = std::get_if<std::string>(&update.product); sku && faults.none()) {
        skus.note(*sku, table.line(), faults);
      } else if (const auto* const id = std::get_if<shop::ProductId>(&update.product); id && faults.none()) {
        const auto [first, is_new] = line_of_id.try_emplace(id->value(), table.line());
        if (!is_new) faults.add("the product_id is that of line " + std::to_string(first->second));
      }
      if (faults.none()) file.updates.push_back(std::move(update));
    }
    if (!faults.none()) file.bad.add(table.line(), faults.take());
  }
  return file;
}

std::vector<shop::ProductChange> find_changes(shop::Catalogue& catalogue, ProductFile& file) {
  std::vector<shop::ProductChange> changes;
  MissingSkus missing;
  for (std::size_t from = 0; from < file.updates.size(); from += kLookedUpTogether) {
    const auto some =
        std::span(file.updates).subspan(from, std::min(kLookedUpTogether, file.updates.size() - from));
    std::vector<shop::ProductName> names;
    for (const ProductFile::Update& update : some) names.push_back(update.product);
    const auto found = catalogue.find_products(names);
    for (std::size_t i = 0; i < some.size(); ++i) {
      ProductFile::Update& update = some[i];
      if (found[i]) {
        update.change.id = *found[i];
        changes.push_back(update.change);
        continue;
      }
      const auto* const sku = std::get_if<std::string>(&update.product);
      file.bad.add(update.line,
                   "there is no product " +
                       (sku != nullptr ? "with the sku " + shown(*sku)
                                       : std::to_string(std::get<shop::ProductId>(update.product).value())));
      if (sku != nullptr) missing.add(update.line, *sku);
    }
  }
  missing.explain(catalogue, file.bad);
  return changes;
}

void doubt_look_alikes(shop::Catalogue& catalogue, ProductFile& file) {
  std::unordered_map<std::size_t, std::size_t>
      new_by_look;  // places of entries by the hash of the SKU's look
  std::vector<shop::ProductName> names;
  std::vector<std::size_t> places;
  const auto keep_new = [&] {
    const auto found = catalogue.find_products(names);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (found[i]) continue;
      new_by_look.try_emplace(std::hash<std::string>()(look_of(std::get<std::string>(names[i]))), places[i]);
    }
    names.clear();
    places.clear();
  };
  for (std::size_t i = 0; i < file.entries.size(); ++i) {
    if (!file.entries[i].sku) continue;
    names.emplace_back(*file.entries[i].sku);
    places.push_back(i);
    if (names.size() == kLookedUpTogether) keep_new();
  }
  keep_new();
  if (new_by_look.empty()) return;
  catalogue.for_each_sku([&](std::string_view sku) {
    const auto found = new_by_look.find(std::hash<std::string>()(look_of(sku)));
    if (found == new_by_look.end()) return;
    const std::string& own = *file.entries[found->second].sku;
    file.doubtful.add(file.lines[found->second],
                      looks_like(own, std::string(sku)) + ", which is another product's");
  });
}

ProductCounts import_products(shop::Catalogue& catalogue, std::span<const shop::ProductEntry> entries,
                              const Clock& clock, FunctionRef<void(std::size_t done)> progress) {
  ProductCounts counts;
  shop::in_pieces(
      entries.size(), clock, [&](std::size_t row) { return weight(entries[row]); },
      [&](shop::Piece piece) {
        count(counts, catalogue.put_products(entries.subspan(piece.from, piece.count)));
      },
      progress);
  return counts;
}

ProductCounts import_changes(shop::Catalogue& catalogue, std::span<const shop::ProductChange> changes,
                             const Clock& clock, FunctionRef<void(std::size_t done)> progress) {
  ProductCounts counts;
  shop::in_pieces(
      changes.size(), clock, [](std::size_t) { return std::size_t{1}; },
      [&](shop::Piece piece) {
        count(counts, catalogue.change_products(changes.subspan(piece.from, piece.count)));
      },
      progress);
  return counts;
}

ProductCounts preview_import(shop::Catalogue& catalogue, std::span<const shop::ProductEntry> entries) {
  ProductCounts counts;
  count(counts, catalogue.preview_products(entries));
  return counts;
}

ProductCounts preview_import(shop::Catalogue& catalogue, std::span<const shop::ProductChange> changes) {
  ProductCounts counts;
  count(counts, catalogue.preview_changes(changes));
  return counts;
}

}  // namespace aforro::bulk

// Everything that one row by itself shows to be wrong is settled here, as the row comes. What needs other
// rows (foreign keys, names that are the same, ids) waits in the tables below for settling.cpp. Keys are kept
// as they are, numbers as numbers and all others as texts, so that a key and a reference to it compare equal.
#include "django/staging.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <variant>

#include "base/money.h"
#include "base/problem.h"
#include "base/shorten.h"
#include "base/text.h"
#include "django/order_lines.h"
#include "django/values.h"
#include "shop/types.h"
#include "sql/foreign.h"

namespace aforro::django {
namespace {

constexpr std::size_t kRowsTogether = 500;
constexpr std::size_t kBytesTogether = std::size_t{4} << 20;
constexpr std::int64_t kRowsBetweenLooks = 1'000;
constexpr std::size_t kNamedStatuses = 20;
constexpr std::size_t kMaxStatuses = 1'000;
constexpr std::size_t kMaxStatusBytes = 200;  // of one that is not known
constexpr std::size_t kMaxLocationCharacters = 255;

// A column without a type keeps what it is given, a number or a text.
constexpr std::string_view kScript = R"sql(
CREATE TABLE staged_categories (key PRIMARY KEY, id INTEGER, name TEXT, name_key TEXT);
CREATE TABLE staged_products (
  key PRIMARY KEY, id INTEGER, sku TEXT, title TEXT, description TEXT, price INTEGER, category_key,
  category_id INTEGER, created_at INTEGER
);
CREATE TABLE staged_stores (key PRIMARY KEY, id INTEGER, name TEXT, name_key TEXT, location TEXT);
CREATE TABLE staged_inventory (store_key, product_key, quantity INTEGER);
CREATE TABLE staged_orders (
  key PRIMARY KEY, id INTEGER, store_key, store_id INTEGER, became TEXT, created_at INTEGER
);
CREATE TABLE staged_items (
  key, order_key, product_key, quantity INTEGER, price INTEGER,
  note INTEGER, noted TEXT  -- what there is to tell of its price, if the order is taken
);
CREATE TABLE staged_users (
  key PRIMARY KEY, id INTEGER, name TEXT, name_key TEXT, email TEXT, is_superuser INTEGER, created_at INTEGER
);

-- As the shop will have them.
CREATE TABLE kept_orders (
  id INTEGER PRIMARY KEY, key TEXT, store_id INTEGER, status TEXT, created_at INTEGER, expires_at INTEGER,
  total_items INTEGER, total_quantity INTEGER, total_price INTEGER
);
CREATE TABLE kept_lines (
  order_id INTEGER, position INTEGER, product_id INTEGER, quantity INTEGER, price INTEGER,
  PRIMARY KEY (order_id, position)
) WITHOUT ROWID;
CREATE TABLE kept_shelves (
  store_id INTEGER, product_id INTEGER, quantity INTEGER, source_rows INTEGER, is_cut INTEGER,
  opening INTEGER,         -- what it is said to have received before the first order
  lack INTEGER DEFAULT 0,  -- how much of that is taken back at the end
  PRIMARY KEY (store_id, product_id)
) WITHOUT ROWID;
CREATE TABLE kept_movements (
  id INTEGER PRIMARY KEY, store_id INTEGER, product_id INTEGER, reason TEXT, change INTEGER,
  quantity_after INTEGER, order_id INTEGER, created_at INTEGER
);
)sql";

std::string shown(std::string_view text) { return shortened(for_terminal(text), 60); }

std::string_view word_of(Became became) {
  switch (became) {
    case Became::confirmed:
      return "confirmed";
    case Became::rejected:
      return "rejected";
    case Became::cancelled:
      return "cancelled";
    case Became::pending:
      return "pending";
  }
  return "";
}

std::string in_small_letters(std::string_view text) {
  std::string small(trim(text));
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return small;
}

class Staging {
 public:
  Staging(const Layout& layout, const Statuses& statuses, Time now, sql::Connection& staging, Report& report)
      : layout_(layout), statuses_(statuses), now_(now), staging_(staging), report_(report) {}

  std::int64_t read(Source& source, Role role, FunctionRef<void(std::int64_t)> read_so_far) {
    const std::optional<FoundTable>& table = layout_.of(role);
    if (!table) return 0;
    role_ = role;
    std::vector<std::string> columns{table->key};
    columns.insert(columns.end(), table->columns.begin(), table->columns.end());
    std::int64_t rows = 0;
    const bool has_keys = has_key(role);
    RowBuffer buffer(staging_, insert_of(role), has_keys ? &report_ : nullptr, name_of_one(role));
    source.read(table->name, columns, [&](std::span<const Cell> cells) {
      cells_ = cells;
      if (has_keys && !cells[0]) {
        report_.add(Note::key_missing, name_of(role));
      } else if (auto row = staged_row()) {
        buffer.add(std::move(*row));
      }
      if (++rows % kRowsBetweenLooks == 0) read_so_far(rows);
    });
    buffer.flush();
    read_so_far(rows);
    return rows;
  }

  void require_known_statuses() const {
    if (unknown_.empty()) return;
    std::string list;
    std::size_t named = 0;
    for (const auto& [status, orders] : unknown_) {
      if (named++ == kNamedStatuses) {
        list += " and " + std::to_string(unknown_.size() - kNamedStatuses) + " more";
        break;
      }
      list += (list.empty() ? "" : ", ") + ('"' + shown(status)) + "\" (" + std::to_string(orders) +
              (orders == 1 ? " order)" : " orders)");
    }
    throw Problem(Problem::Kind::invalid,
                  "there are orders with a status that is not known here: " + list +
                      "; say what became of each with --status " + shown(unknown_.begin()->first) +
                      "=confirmed (or rejected, cancelled, pending; none leaves them out)");
  }

 private:
  using Row = std::vector<sql::Value>;

  static std::string_view name_of_one(Role role) {
    switch (role) {
      case Role::categories:
        return "category ";
      case Role::products:
        return "product ";
      case Role::stores:
        return "store ";
      case Role::orders:
        return "order ";
      case Role::users:
        return "user ";
      case Role::inventory:
      case Role::items:
        break;
    }
    return "";
  }

  static sql::Text insert_of(Role role) {
    switch (role) {
      case Role::categories:
        return "INSERT INTO staged_categories (key, name) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1";
      case Role::products:
        return "INSERT INTO staged_products (key, title, description, price, category_key, created_at, sku)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING 1";
      case Role::stores:
        return "INSERT INTO staged_stores (key, name, location) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
               " RETURNING 1";
      case Role::inventory:
        return "INSERT INTO staged_inventory (store_key, product_key, quantity) VALUES ($1, $2, $3)";
      case Role::orders:
        return "INSERT INTO staged_orders (key, store_key, became, created_at) VALUES ($1, $2, $3, $4)"
               " ON CONFLICT DO NOTHING RETURNING 1";
      case Role::items:
        return "INSERT INTO staged_items (key, order_key, product_key, quantity, price, note, noted)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7)";
      case Role::users:
        return "INSERT INTO staged_users (key, name, email, is_superuser, created_at) VALUES ($1, $2, $3, "
               "$4, $5)"
               " ON CONFLICT DO NOTHING RETURNING 1";
    }
    return "";
  }

  std::optional<Row> staged_row() {
    switch (role_) {
      case Role::categories:
        return Row{key(), line(1, shop::kMaxNameCharacters)};
      case Role::products:
        return Row{key(),          line(1, shop::kMaxTitleCharacters),
                   description(2), price_of_product(3),
                   reference(4),   time(5),
                   sku(6)};
      case Role::stores:
        return Row{key(), line(1, shop::kMaxNameCharacters), line(2, kMaxLocationCharacters)};
      case Role::inventory:
        return Row{reference(1), reference(2), stock(3)};
      case Role::orders:
        return order();
      case Role::items:
        return item();
      case Role::users:
        return user();
    }
    return std::nullopt;
  }

  sql::Value key() const { return key_of(*cells_[0]); }

  std::string name() const {
    return cells_[0] ? std::string(name_of_one(role_)) + std::string(*cells_[0])
                     : std::string(name_of(role_));
  }

  sql::Value reference(std::size_t place) const {
    return cells_[place] ? key_of(*cells_[place]) : sql::Value();
  }

  std::string_view text_of(std::size_t place) const { return cells_[place].value_or(std::string_view()); }

  sql::Value cleaned(std::size_t place, std::size_t max_characters, Lines lines) {
    CleanText clean = clean_text(text_of(place), max_characters, lines);
    if (clean.is_cut) report_.add(Note::text_cut, name() + ": " + clean.text);
    if (clean.is_changed) report_.add(Note::text_changed, name() + ": " + clean.text);
    return std::move(clean.text);
  }
  sql::Value line(std::size_t place, std::size_t max_characters) {
    return cleaned(place, max_characters, Lines::one);
  }
  sql::Value description(std::size_t place) {
    return cleaned(place, shop::kMaxDescriptionCharacters, Lines::many);
  }

  sql::Value time(std::size_t place) {
    const auto time = cells_[place] ? parse_time(*cells_[place]) : std::nullopt;
    if (!time) report_.add(Note::time_missing, name());
    return time.value_or(now_).micros();
  }

  // A price of ours, and what there is to tell of it.
  struct Priced {
    std::int64_t minor;
    std::optional<Note> note = {};
    std::string noted = {};
  };
  static Priced in_bounds(const Amount& amount, std::string_view given) {
    Priced priced{.minor = std::clamp<std::int64_t>(amount.minor, 0, kMaxPrice.minor_units())};
    if (priced.minor != amount.minor) {
      priced.note = Note::price_out_of_range;
    } else if (!amount.is_whole) {
      priced.note = Note::price_rounded;
    }
    if (priced.note)
      priced.noted = ": " + std::string(given) + " is " + Money::from_minor(priced.minor).to_string();
    return priced;
  }

  sql::Value price_of_product(std::size_t place) {
    const auto amount = parse_amount(text_of(place));
    if (!amount) {
      report_.add(Note::price_missing, name());
      return std::int64_t{0};
    }
    const Priced priced = in_bounds(*amount, *cells_[place]);
    if (priced.note) report_.add(*priced.note, name() + priced.noted);
    return priced.minor;
  }

  sql::Value sku(std::size_t place) {
    if (text_of(place).empty()) return {};
    const CleanText clean = clean_text(*cells_[place], shop::kMaxSkuCharacters, Lines::one);
    if (!clean.is_changed && !clean.is_cut && !clean.text.empty()) return clean.text;
    report_.add(Note::sku_dropped, name() + ": " + clean.text);
    return {};
  }

  sql::Value stock(std::size_t place) {
    const auto quantity = parse_quantity(text_of(place));
    const std::int64_t kept = std::clamp<std::int64_t>(quantity.value_or(0), 0, shop::kMaxStock);
    if (kept != quantity) {
      report_.add(Note::quantity_out_of_range, "store " + std::string(text_of(1)) + ", product " +
                                                   std::string(text_of(2)) + ": " +
                                                   std::string(text_of(place)));
    }
    return kept;
  }

  std::optional<Row> order() {
    const std::string status = in_small_letters(text_of(2));
    const auto known = statuses_.find(status);
    if (known == statuses_.end()) {
      const std::string listed = shortened(for_terminal(status), kMaxStatusBytes);
      if (unknown_.size() < kMaxStatuses || unknown_.contains(listed)) ++unknown_[listed];
      return std::nullopt;
    }
    if (!known->second) {
      report_.add(Note::order_not_wanted, name() + ": " + status);
    }
    const std::string_view became = known->second ? word_of(*known->second) : "none";
    return Row{key(), reference(1), std::string(became), time(3)};
  }

  std::optional<Row> item() {
    const auto quantity = parse_quantity(text_of(3));
    if (!quantity || *quantity < 1) {
      report_.add(Note::item_quantity, "order " + std::string(text_of(1)) + ", product " +
                                           std::string(text_of(2)) + ": " + std::string(text_of(3)));
      return std::nullopt;
    }
    sql::Value price;
    sql::Value note = static_cast<std::int64_t>(Note::price_of_product);
    std::string noted;
    if (const auto amount = parse_amount(text_of(4))) {
      Priced priced = in_bounds(*amount, *cells_[4]);
      price = priced.minor;
      note = priced.note ? sql::Value(static_cast<std::int64_t>(*priced.note)) : sql::Value();
      noted = std::move(priced.noted);
    }
    // More than an order may have is one too many: then the whole order is left out.
    return Row{reference(0), reference(1), reference(2), std::min(*quantity, kMaxPieces + 1),
               price,        note,         noted};
  }

  std::optional<Row> user() {
    const bool is_superuser = parse_flag(text_of(3)).value_or(false);
    const bool is_staff = parse_flag(text_of(2)).value_or(false) || is_superuser;
    const std::string who = name() + ": " + std::string(text_of(1));
    if (!is_staff) {
      report_.add(Note::user_not_staff, who);
      return std::nullopt;
    }
    if (!parse_flag(text_of(4)).value_or(true)) {
      report_.add(Note::user_inactive, who);
      return std::nullopt;
    }
    const CleanText username = clean_text(text_of(1), shop::kMaxNameCharacters, Lines::one);
    if (username.text.empty()) {
      report_.add(Note::user_nameless, who);
      return std::nullopt;
    }
    sql::Value email;
    if (const std::string_view given = trim(text_of(5)); !given.empty()) {
      email_fault(given) ? report_.add(Note::email_dropped, who) : void(email = normalize(given));
    }
    report_.add(Note::user_disabled, who);
    return Row{key(), username.text, email, std::int64_t{is_superuser ? 1 : 0}, time(6)};
  }

  const Layout& layout_;
  const Statuses& statuses_;
  const Time now_;
  sql::Connection& staging_;
  Report& report_;
  Role role_ = Role::categories;
  std::span<const Cell> cells_;  // of the present row: its key, then its fields
  std::map<std::string, std::int64_t> unknown_;
};

}  // namespace

Statuses known_statuses() {
  return {{"confirmed", Became::confirmed},
          {"rejected", Became::rejected},
          {"cancelled", Became::cancelled},
          {"canceled", Became::cancelled},
          {"pending", Became::pending}};
}

void add_status(Statuses& statuses, std::string_view given) {
  const std::size_t equals = given.rfind('=');
  if (equals == std::string_view::npos) {
    throw Problem(Problem::Kind::invalid, "must be STATUS=WHAT, as in --status shipped=confirmed");
  }
  const std::string_view became = given.substr(equals + 1);
  std::optional<Became> meant;
  for (const Became each : {Became::confirmed, Became::rejected, Became::cancelled, Became::pending}) {
    if (became == word_of(each)) meant = each;
  }
  if (!meant && became != "none") {
    throw Problem(Problem::Kind::invalid,
                  "must say confirmed, rejected, cancelled, pending or none, and not " + shown(became));
  }
  statuses.insert_or_assign(in_small_letters(given.substr(0, equals)), meant);
}

std::unique_ptr<sql::Connection> open_staging() { return sql::open_unnamed(kScript); }

void RowBuffer::add(std::vector<sql::Value> row) {
  for (const sql::Value& value : row) {
    if (const auto* const text = std::get_if<std::string>(&value)) bytes_ += text->size();
  }
  rows_.push_back(std::move(row));
  if (rows_.size() == kRowsTogether || bytes_ >= kBytesTogether) flush();
}

void RowBuffer::flush() {
  const sql::ParamRows params = sql::params_of(rows_);
  if (report_ == nullptr) {
    connection_.for_each(insert_, params);
  } else {
    std::vector<bool> is_taken(rows_.size());
    connection_.for_each(insert_, params, [&](std::size_t i, const sql::Row&) { is_taken[i] = true; });
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (!is_taken[i]) report_->add(Note::key_repeated, std::string(one_) + shown_key(rows_[i].front()));
    }
  }
  rows_.clear();
  bytes_ = 0;
}

Staged stage(Source& source, const Layout& layout, const Statuses& statuses, Time now,
             sql::Connection& staging, Report& report, Progress progress) {
  Staging into(layout, statuses, now, staging, report);
  Staged staged;
  std::int64_t before = 0;
  for (const Role role : kRoles) {
    const std::int64_t rows =
        into.read(source, role, [&](std::int64_t of_table) { progress(before + of_table); });
    staged.rows[index_of(role)] = rows;
    before += rows;
    if (role == Role::orders) into.require_known_statuses();
  }
  return staged;
}

}  // namespace aforro::django

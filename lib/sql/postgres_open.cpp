#include <libpq-fe.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/problem.h"
#include "sql/postgres.h"
#include "sql/postgres_connection.h"
#include "sql/postgres_database.h"

namespace aforro::sql {
namespace {

constexpr std::chrono::milliseconds kDeadline{5000};  // to connect at the start of the program
constexpr std::string_view kVersionTable =
    "CREATE TABLE schema_version (application_id BIGINT NOT NULL, version BIGINT NOT NULL)";

// The url taken apart by libpq; nothing if it can't be read. libpq's own words are not passed on: they quote
// the url with its password.
using UrlParts = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;
UrlParts parse(const std::string& url) {
  char* complaint = nullptr;
  UrlParts parts(PQconninfoParse(url.c_str(), &complaint), &PQconninfoFree);
  PQfreemem(complaint);
  return parts;
}

void require_parsed(const UrlParts& parts) {
  if (parts) return;
  throw Problem(Problem::Kind::invalid,
                "the address of the database can't be read; it is like "
                "postgres://user:password@host:port/name, with special characters as %XX");
}

std::string part(const UrlParts& parts, std::string_view keyword) {
  for (const PQconninfoOption* option = parts.get(); option != nullptr && option->keyword != nullptr;
       ++option) {
    if (option->keyword == keyword) return option->val == nullptr ? "" : option->val;
  }
  return "";
}

// What is done to a database before it is used: looked at, made, brought to the schema's version.
class Opening {
 public:
  Opening(PostgresConnection& connection, std::string name, const Schema& schema)
      : connection_(connection), name_(std::move(name)), schema_(schema) {}

  // The version of our schema that is there; 0 if there is nothing yet.
  int look() {
    int found = 0;
    connection_.read([&](Connection&) {
      require_unicode();
      found = version();
    });
    refuse_newer(schema_, found);
    return found;
  }

  void prepare(Missing missing) {
    const int found = look();
    if (found == 0 && missing == Missing::refuse) {
      throw Problem::not_found(
          "there is no shop in " + name_ +
          "; make one with `aforro seed` or `aforro migrate`, or name another database with "
          "--database");
    }
    if (found == schema_.version) return;
    connection_.write([&](Connection&) {
      // Until the end of this transaction, and for as long as another process takes to do the same.
      connection_.run("SELECT pg_advisory_xact_lock($1)", {schema_.application_id});
      const int now = version();
      if (now == 0) connection_.script(kVersionTable);
      upgrade(connection_, schema_, now, &Script::postgres);
      connection_.run("DELETE FROM schema_version");
      connection_.run("INSERT INTO schema_version (application_id, version) VALUES ($1, $2)",
                      {schema_.application_id, schema_.version});
    });
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Problem(Problem::Kind::conflict, "the database " + name_ + ' ' + why);
  }

 private:
  void require_unicode() {
    if (!connection_.maybe_integer("SELECT 1 WHERE current_setting('server_encoding') = 'UTF8'")) {
      refuse("does not keep its texts in UTF-8; make one with ENCODING 'UTF8'");
    }
  }

  int version() {
    const bool has_table =
        connection_
            .maybe_integer(
                "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('schema_version') AND attname = "
                "'application_id'")
            .has_value();
    const auto found =
        has_table ? connection_.maybe_integer("SELECT version FROM schema_version WHERE application_id = $1",
                                              {schema_.application_id})
                  : std::nullopt;
    if (found) return static_cast<int>(*found);
    const auto others = connection_.maybe_integer(
        "SELECT count(*) FROM pg_class c WHERE c.relnamespace = CAST(current_schema() AS regnamespace)"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')");
    if (others != 0) refuse("belongs to another program; name another with --database");
    return 0;
  }

  PostgresConnection& connection_;
  const std::string name_;
  const Schema& schema_;
};

// Connects for a look at the database, and says what is wrong with it in the words of a Problem.
template <class F>
auto looking_at(const std::string& url, const Schema& schema, F use) {
  require_parsed(parse(url));
  const std::string name = shown_url(url);
  try {
    PostgresCounters counters;
    PostgresConnection connection(
        url, {.connect = kDeadline, .lock = std::nullopt, .statement = std::nullopt, .door = nullptr},
        counters);
    Opening opening(connection, name, schema);
    return use(opening);
  } catch (const Unavailable& fault) {
    throw Problem::unavailable("the database " + name + " can't be reached: " + fault.what());
  } catch (const std::runtime_error& fault) {
    throw Problem(Problem::Kind::conflict, "the database " + name + " can't be used: " + fault.what());
  }
}

}  // namespace

std::unique_ptr<Database> open_postgres(const std::string& url, const Schema& schema,
                                        const PostgresOptions& options) {
  looking_at(url, schema, [&](Opening& opening) { opening.prepare(options.missing); });
  return make_postgres_database(url, options);
}

bool postgres_exists(const std::string& url, const Schema& schema) {
  return looking_at(url, schema, [](Opening& opening) { return opening.look() > 0; });
}

std::string shown_url(const std::string& url) {
  const UrlParts parts = parse(url);
  const auto after = [](const char* mark, const std::string& text) {
    return text.empty() ? "" : mark + text;
  };
  const std::string user = part(parts, "user");
  return "postgres://" + (user.empty() ? "" : user + "@") + part(parts, "host") +
         after(":", part(parts, "port")) + after("/", part(parts, "dbname"));
}

std::string connection_words(const std::string& url) {
  const UrlParts parts = parse(url);
  require_parsed(parts);
  std::string words;
  for (const PQconninfoOption* option = parts.get(); option->keyword != nullptr; ++option) {
    // libpq marks what must not be shown by a star.
    if (option->val == nullptr || option->dispchar[0] == '*') continue;
    const std::string_view value = option->val;
    const bool is_plain = !value.empty() && value.find_first_of(" '\\") == std::string_view::npos;
    words += (words.empty() ? "" : " ") + std::string(option->keyword) + '=';
    if (!is_plain) words += '\'';
    for (const char c : value) {
      if (c == '\'' || c == '\\') words += '\\';
      words += c;
    }
    if (!is_plain) words += '\'';
  }
  return words;
}

}  // namespace aforro::sql

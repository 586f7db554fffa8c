// The url of a PostgreSQL database, as an operator types it or a setting has it: whatever it is, it names a
// bounded number of servers or is refused, and what is shown of it has no password in it.
#include <algorithm>
#include <string>
#include <string_view>

#include "fuzz.h"
#include "sql/postgres.h"
#include "sql/postgres_address.h"

namespace {

using namespace aforro;  // NOLINT: of several parts
using fuzz::require;

constexpr std::string_view kPassword = "hush-Hush";

bool tells(std::string_view text) { return text.find(kPassword) != std::string_view::npos; }

void check(const std::string& url) {
  const std::string shown = sql::shown_url(url);
  require(!tells(shown) && shown.find('\n') == std::string::npos);
  const auto address = fuzz::unless_refused([&] { return sql::PostgresAddress(url); });
  if (!address) return;
  const auto commas = static_cast<std::size_t>(std::count(url.begin(), url.end(), ',')) +
                      static_cast<std::size_t>(std::count(url.begin(), url.end(), '%'));
  require(!address->hosts().empty() && address->hosts().size() <= 2 * (commas + 1));
  for (const sql::PostgresHost& host : address->hosts()) require(!tells(host.shown()));
  require(!tells(sql::connection_words(url)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  // libpq takes texts that end with a NUL.
  if (text.find('\0') != std::string_view::npos || tells(text)) return 0;
  check(std::string(text));
  check("postgres://ann:" + std::string(kPassword) + '@' + std::string(text));
  check("postgres://ann:" + std::string(kPassword) + std::string(text));
  return 0;
}

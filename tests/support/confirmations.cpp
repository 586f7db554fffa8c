#include "support/confirmations.h"

#include <charconv>
#include <string>

#include "base/time.h"
#include "support/database_file.h"

namespace aforro::test {

std::map<std::int64_t, int> confirmations_in(std::string_view log) {
  constexpr std::string_view kBegin = "\"message_id\":\"order-";
  constexpr std::string_view kEnd = "-confirmed\"";
  std::map<std::int64_t, int> found;
  for (std::size_t at = log.find(kBegin); at != std::string_view::npos; at = log.find(kBegin, at + 1)) {
    const std::string_view rest = log.substr(at + kBegin.size(), 32);
    std::int64_t order = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), order);
    if (error != std::errc()) continue;
    if (rest.substr(static_cast<std::size_t>(end - rest.data())).starts_with(kEnd)) ++found[order];
  }
  return found;
}

std::int64_t jobs_left(const Location& database) {
  return query_number(database, "SELECT count(*) FROM jobs WHERE period IS NULL");
}

std::int64_t let_leases_end(const Location& database) {
  const std::string now = std::to_string(SystemClock().now().micros());
  const auto ids = query_numbers(database, "UPDATE jobs SET run_at = " + now +
                                               " WHERE state = 'waiting' AND period IS NULL AND run_at > " +
                                               now + " RETURNING id");
  return static_cast<std::int64_t>(ids.size());
}

}  // namespace aforro::test

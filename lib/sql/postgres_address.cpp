#include "sql/postgres_address.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "base/problem.h"
#include "sql/postgres.h"

namespace aforro::sql {
namespace {

// The url taken apart by libpq; nothing if it can't be read. libpq's own words are not passed on: they quote
// the url with its password.
using UrlParts = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;
UrlParts parse(const std::string& url) {
  char* complaint = nullptr;
  UrlParts parts(PQconninfoParse(url.c_str(), &complaint), &PQconninfoFree);
  PQfreemem(complaint);
  return parts;
}

std::string part(const UrlParts& parts, std::string_view keyword) {
  for (const PQconninfoOption* option = parts.get(); option != nullptr && option->keyword != nullptr;
       ++option) {
    if (option->keyword == keyword) return option->val == nullptr ? "" : option->val;
  }
  return "";
}

// "a,,b" is three, and "" none.
std::vector<std::string> listed(const std::string& text) {
  std::vector<std::string> list;
  if (text.empty()) return list;
  for (std::size_t begin = 0; begin != std::string::npos;) {
    const std::size_t comma = text.find(',', begin);
    list.push_back(text.substr(begin, comma - begin));
    begin = comma == std::string::npos ? comma : comma + 1;
  }
  return list;
}

// Whether libpq took a part of the password for something else, which it would show: it reads
// u:p@w@host as the host w@host, u:12/w@host/d as the host u, its port 12 and the database w@host/d.
bool is_torn(const UrlParts& parts, std::string_view url) {
  const std::string_view address = url.substr(0, url.find('?'));
  const std::size_t path = address.find('/', address.find("://") + 3);
  const std::vector<std::string> hosts = listed(part(parts, "host"));
  return std::any_of(hosts.begin(), hosts.end(),
                     [](const std::string& host) {
                       return host.find('@', 1) != std::string::npos;  // @name is a socket without a file
                     }) ||
         part(parts, "port").find_first_not_of("0123456789,") != std::string::npos ||
         (path != std::string_view::npos && address.find('@', path) != std::string_view::npos);
}

void require_parsed(const UrlParts& parts, std::string_view url) {
  if (parts && !is_torn(parts, url)) return;
  throw Problem(Problem::Kind::invalid,
                "the address of the database can't be read; it is like "
                "postgres://user:password@host:port/name, with special characters as %XX");
}

// libpq makes the ports "," of postgres://a,b/name, and would take them along for one server of the two.
std::string or_default(const std::string& port) {
  if (!port.empty()) return port;
  const char* const set = std::getenv("PGPORT");
  const std::string_view named = set == nullptr ? "" : set;
  return named.empty() || named.find(',') != std::string_view::npos ? "5432" : std::string(named);
}

// Empty if libpq is to go through them itself: they don't fit together, of which it says how, or a name is
// left to its defaults.
std::vector<PostgresHost> hosts_of(const UrlParts& parts) {
  const std::vector<std::string> names = listed(part(parts, "host"));
  const std::vector<std::string> addresses = listed(part(parts, "hostaddr"));
  const std::vector<std::string> ports = listed(part(parts, "port"));
  const std::size_t count = std::max(names.size(), addresses.size());
  const auto fits = [&](const std::vector<std::string>& list) {
    return list.empty() ||
           (list.size() == count &&
            std::none_of(list.begin(), list.end(), [](const std::string& each) { return each.empty(); }));
  };
  std::vector<PostgresHost> hosts;
  if (count < 2 || !fits(names) || !fits(addresses) || (ports.size() > 1 && ports.size() != count))
    return hosts;
  hosts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    hosts.push_back({.name = names.empty() ? "" : names[i],
                     .address = addresses.empty() ? "" : addresses[i],
                     .port = ports.empty() ? "" : or_default(ports[std::min(i, ports.size() - 1)]),
                     .is_one_of_several = true});
  }
  return hosts;
}

// What libpq makes of a list of servers whose target is "prefer-standby" takes two turns.
std::vector<PostgresHost> with_targets(std::vector<PostgresHost> hosts, std::string target) {
  if (target.empty() && std::getenv("PGTARGETSESSIONATTRS") == nullptr) target = "read-write";
  const bool has_second_turn = target == "prefer-standby";
  for (PostgresHost& host : hosts) host.target = has_second_turn ? "standby" : target;
  if (!has_second_turn) return hosts;
  const std::size_t count = hosts.size();
  hosts.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    hosts.push_back(hosts[i]);
    hosts.back().target = "any";
  }
  return hosts;
}

std::string without_line_breaks(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

PostgresAddress::PostgresAddress(std::string url) : url_(std::move(url)) {
  const UrlParts parts = parse(url_);
  require_parsed(parts, url_);
  hosts_ = with_targets(hosts_of(parts), part(parts, "target_session_attrs"));
  if (hosts_.empty()) hosts_.emplace_back();
}

std::string shown_url(const std::string& url) {
  const UrlParts parts = parse(url);
  if (parts && is_torn(parts, url)) return "postgres://";
  const std::string user = part(parts, "user");
  const std::string name = part(parts, "dbname");
  const std::string host = part(parts, "host").empty() ? part(parts, "hostaddr") : part(parts, "host");
  const std::string port = part(parts, "port");
  std::string shown = "postgres://" + (user.empty() ? "" : user + "@");
  std::string behind;
  const std::vector<std::string> hosts = listed(host);
  const std::vector<std::string> ports = listed(port);
  const bool stand_in_front =
      host.find('/') == std::string::npos && (ports.size() <= 1 || ports.size() == hosts.size());
  if (stand_in_front) {
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      const bool has_colons = hosts[i].find(':') != std::string::npos;  // IPv6
      shown += (i == 0 ? "" : ",") + (has_colons ? '[' + hosts[i] + ']' : hosts[i]);
      if (ports.empty()) continue;
      const std::string& its_own = ports[std::min(i, ports.size() - 1)];
      if (!its_own.empty()) shown += ':' + its_own;
    }
    if (hosts.empty() && !port.empty()) shown += ':' + port;
  } else {
    behind = "?host=" + host + (port.empty() ? "" : "&port=" + port);
  }
  if (!name.empty() || !behind.empty()) shown += '/' + name;
  return without_line_breaks(shown + behind);
}

std::string connection_words(const std::string& url) {
  const UrlParts parts = parse(url);
  require_parsed(parts, url);
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

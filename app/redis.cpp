#include "app/redis.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include "app/commands.h"
#include "app/number_option.h"
#include "base/hash.h"
#include "base/numbers.h"
#include "base/percent_encoding.h"
#include "base/problem.h"
#include "redis/bell.h"
#include "redis/cache.h"
#include "redis/limiter.h"
#include "version.h"

namespace aforro::app {
namespace {

constexpr std::string_view kOff = "off";
constexpr std::size_t kNameDigits = 16;
constexpr std::size_t kPiece = std::size_t{1} << 20U;  // of a file that is hashed

std::string setting(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The same for two builds only if they render alike. Where the commit does not say so, the program's own file
// does; and where it can't be read, this process is alone.
std::string build_name() {
  const std::string_view commit = kCommit;
  const std::string name = std::string(kVersion) + '-' + kCommit;
  if (commit != "unknown" && !commit.ends_with("-dirty")) return name;
  std::ifstream program("/proc/self/exe", std::ios::binary);
  std::vector<char> piece(kPiece);
  std::string hash;
  while (program.read(piece.data(), static_cast<std::streamsize>(piece.size())) || program.gcount() > 0)
    hash = hash_hex(hash + std::string(piece.data(), static_cast<std::size_t>(program.gcount())));
  return name + '-' + (hash.empty() ? random_hex(kNameDigits / 2) : hash.substr(0, kNameDigits));
}

std::string key_prefix(std::string_view of) { return "aforro:" + hash_hex(of).substr(0, kNameDigits) + ':'; }

// What the settings say that the Django service had. Nothing without a host.
std::optional<redis::Address> address_of_settings() {
  const std::string host = setting("REDIS_HOST");
  if (host.empty()) return std::nullopt;
  const std::string port = setting("REDIS_PORT");
  const std::string password = setting("REDIS_PASSWORD");
  if (!port.empty() && !parse_whole_number(port, 1, 65'535)) {
    throw Problem(Problem::Kind::invalid, "REDIS_PORT must be a port of 1 to 65535");
  }
  const bool is_bare_ipv6 = host.find(':') != std::string::npos && !host.starts_with('[');
  try {
    return redis::parse_address("redis://" + (password.empty() ? "" : ':' + percent_encode(password) + '@') +
                                (is_bare_ipv6 ? '[' + host + ']' : host) + (port.empty() ? "" : ':' + port));
  } catch (const Problem&) {
    throw Problem(Problem::Kind::invalid, "REDIS_HOST must be the name or the address of a machine");
  }
}

}  // namespace

void add_redis(CLI::App& command, RedisOptions& options) {
  command
      .add_option("--redis", options.where,
                  "a Redis that the servers of one shop share, redis://USER:PASSWORD@HOST:PORT/DATABASE, "
                  "rediss:// by "
                  "TLS, or off; REDIS_HOST, REDIS_PORT and REDIS_PASSWORD say the same, out of sight of ps")
      ->type_name("WHERE");
  add_number(command, "--redis-patience", {.min = 1, .max = 10'000},
             "milliseconds that a request waits for Redis, each time that it asks, before it does without",
             options.patience_ms)
      ->type_name("MS")
      ->default_str(std::to_string(options.patience_ms));
  command
      .add_option(
          "--redis-ca", options.authorities,
          "a file of the authorities, in PEM, one of which must have signed the certificate of a rediss:// "
          "[those that the system trusts]")
      ->type_name("FILE");
}

RedisChoice choose_redis(Session& session, const RedisOptions& options) {
  const std::string& given = options.where;
  const auto require_use = [&](const std::optional<redis::Address>& address) {
    if (options.authorities.empty() || (address && address->is_encrypted)) return;
    throw Problem(
        Problem::Kind::invalid,
        "--redis-ca has no effect without a Redis that is spoken to by TLS: --redis must be rediss://…");
  };
  const std::chrono::milliseconds patience(options.patience_ms);
  if (given == kOff) return {};
  if (!given.empty()) {
    const redis::Address address = redis::parse_address(given);
    require_use(address);
    if (!redis::has_reader()) {
      throw Problem(
          Problem::Kind::conflict,
          "this program was built without Redis; build it again with libhiredis-dev installed, or leave "
          "out --redis");
    }
    const bool is_flag =
        std::any_of(session.arguments().begin(), session.arguments().end(),
                    [](std::string_view each) { return each == "--redis" || each.starts_with("--redis="); });
    return {.address = address,
            .reason = is_flag ? "--redis" : "AFORRO_REDIS",
            .patience = patience,
            .authorities = options.authorities};
  }
  const auto address = address_of_settings();
  require_use(address);
  if (address && !redis::has_reader()) {
    session.remark("note: REDIS_HOST has no effect: this program was built without Redis");
    return {};
  }
  return {.address = address, .reason = "REDIS_HOST in the environment", .patience = patience};
}

SharedRedis::SharedRedis(const RedisChoice& choice, const sql::Identity& shop, Log& log)
    : shop_(key_prefix(shop.database)),
      life_(key_prefix(shop.life)),
      client_(choice.address.value(), shop_ + "probe", log, {.patience = choice.patience},
              choice.authorities) {}

std::unique_ptr<limit::Limiter> SharedRedis::limiter(const std::string& route, const limit::Rate& rate,
                                                     std::unique_ptr<limit::Limiter> alone) {
  // Servers that were started with another rate count for themselves.
  const std::string name =
      "limit:" + route + ':' + std::to_string(rate.burst) + '/' + std::to_string(rate.window.count()) + ':';
  return redis::make_limiter(client_, shop_ + name, rate, std::move(alone));
}

// Of this very version of the program, as another may render otherwise.
std::unique_ptr<cache::SharedCache> SharedRedis::cache() {
  return redis::make_cache(client_, life_ + "cache:" + build_name() + ":");
}

std::unique_ptr<Bell> SharedRedis::bell(std::function<void()> heard) {
  return redis::make_bell(client_, shop_ + "jobs", std::move(heard));
}

std::unique_ptr<SharedRedis> open_redis(const RedisChoice& choice, sql::Database& database, Log& log) {
  if (!choice.address) return nullptr;
  return std::make_unique<SharedRedis>(choice, database.identity("inventory"), log);
}

}  // namespace aforro::app

// The server: builds the parts, connects them, and runs them until a signal says that it is enough.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "api/routes.h"
#include "app/background.h"
#include "app/bells.h"
#include "app/commands.h"
#include "app/handed_over_socket.h"
#include "app/log_level.h"
#include "app/number_option.h"
#include "app/redis.h"
#include "app/settings.h"
#include "app/spool_folder.h"
#include "app/stop_signals.h"
#include "app/tls_files.h"
#include "base/problem.h"
#include "base/system.h"
#include "http/listen_address.h"
#include "http/origin.h"
#include "http/transport.h"
#include "limit/limits.h"
#include "seed/seed.h"
#include "shop/order_book.h"
#include "version.h"

namespace aforro::app {
namespace {

struct Options {
  std::string listen = "127.0.0.1:8000";
  std::string socket_mode = "660";
  bool is_listen_given = false;
  bool is_socket_mode_given = false;
  bool seed_if_empty = false;
  bool no_jobs = false;
  std::string suggest_rate = "20/min";
  std::vector<std::string> limits;
  std::vector<std::string> trusted_proxies;
  std::string cors_origin;
  std::string log_level = "info";
  TlsFiles tls_files;
  std::size_t max_connections = 1024;
  std::int64_t request_timeout_s = 10;
  std::size_t cache_mib = 32;
  std::size_t buffered_mib = 256;
  std::string spool_folder;
  std::uint64_t spooled_mib = 4'096;
  RedisOptions redis;
};

// What the options mean, once they are known to make sense.
struct Plan {
  http::ListenAddress address;
  std::map<std::string, limit::Rate> limits;  // of the routes that have one
  http::DispatcherOptions dispatcher;
  RedisChoice redis;
  Log::Level log_level;
};

void set_limit(Plan& plan, const std::string& route, std::string_view rate, const std::string& refusal) {
  plan.limits.erase(route);
  if (rate == "off") return;
  const auto parsed = limit::parse_rate(rate);
  if (!parsed) throw wrong_usage(refusal);
  plan.limits.emplace(route, *parsed);
}

// Reads "orders=100/s".
void add_limit(Plan& plan, std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string route(text.substr(0, equals));
  const std::vector<std::string_view> known = api::route_names();
  if (equals == std::string_view::npos || std::find(known.begin(), known.end(), route) == known.end()) {
    std::string all;
    for (const std::string_view name : known) all += (all.empty() ? "" : ", ") + std::string(name);
    throw wrong_usage("--limit must be ROUTE=COUNT/TIME, as in orders=100/s; the routes are " + all);
  }
  set_limit(plan, route, text.substr(equals + 1),
            "--limit " + route + " must be COUNT/TIME, as in " + route + "=100/s, or off");
}

// A socket that was handed over takes the place of the default. It says nothing against an address that was
// asked for, so which of the two is meant can't be told.
http::ListenAddress where_to_listen(const Options& options, const std::optional<int>& handed_over) {
  if (handed_over && options.is_listen_given)
    throw wrong_usage(
        "--listen names an address, but systemd hands over a socket (LISTEN_FDS): leave out one");
  const auto mode = http::parse_socket_mode(options.socket_mode);
  if (!mode) throw wrong_usage("--socket-mode must be permissions in octal, as in 660");
  auto address =
      handed_over ? http::InheritedSocket{*handed_over} : http::parse_listen_address(options.listen);
  if (!address) {
    throw wrong_usage(
        "--listen must be HOST:PORT, :PORT or PORT, as in 127.0.0.1:8000 or [::1]:8000, or unix:PATH, as in "
        "unix:aforro.sock");
  }
  auto* const socket = std::get_if<http::UnixAddress>(&*address);
  if (socket != nullptr) socket->mode = *mode;
  if (socket == nullptr && options.is_socket_mode_given)
    throw wrong_usage(
        "--socket-mode is for a socket that the server makes, as with --listen unix:aforro.sock");
  return *address;
}

Plan make_plan(Session& session, const Options& options, const std::optional<int>& handed_over) {
  Plan plan{.address = where_to_listen(options, handed_over),
            .limits = {},
            .dispatcher = {},
            .redis = choose_redis(session, options.redis),
            .log_level = parse_log_level(options.log_level)};
  set_limit(plan, "suggest", options.suggest_rate, "--suggest-rate must be COUNT/TIME, as in 20/min, or off");
  for (const std::string& text : options.limits) add_limit(plan, text);
  for (const std::string& network : options.trusted_proxies) {
    if (!plan.dispatcher.trusted_proxies.add(network)) {
      throw wrong_usage(
          "--trusted-proxy must be an address, a network or unix, as in 10.0.0.1, 10.0.0.0/8 or unix");
    }
  }
  if (!options.cors_origin.empty()) {
    const auto origin = http::parse_origin(options.cors_origin);
    if (!origin) throw wrong_usage("--cors-origin must be an origin, as in https://shop.example.org");
    plan.dispatcher.cors_origin = *origin;
  }
  return plan;
}

// Each connection is a descriptor, and the usual soft limit is lower than what the system would allow.
void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Says where it listens. A server whose standard output is closed or full serves all the same.
void print_greeting(Session& session, const http::ListenAddress& address, bool is_handed_over,
                    bool is_encrypted, const RedisChoice& redis) {
  const DatabaseChoice& choice = session.database_choice();
  try {
    session.print("listening on " + http::to_string(address, is_encrypted) +
                  (is_handed_over ? " (handed over by systemd)\n" : "\n"));
    session.print("database: " + shown_location(choice) + " (" + choice.reason + ")\n");
    if (redis.address) {
      session.print("redis: " + redis::to_string(*redis.address) + " (" + redis.reason + ")\n");
    }
  } catch (const std::exception&) {
    std::clearerr(stdout);
  }
}

void note_settings_without_effect(Session& session) {
  std::string names;
  for (const std::string_view name : settings_without_effect()) {
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  if (!names.empty()) {
    session.remark("note: " + names + (names.find(',') == std::string::npos ? " has" : " have") +
                   " no effect: jobs need no broker here, and a Redis is named by REDIS_HOST");
  }
}

std::unique_ptr<http::Transport> listen(const http::Dispatcher& dispatcher,
                                        const http::TransportOptions& options) {
  try {
    return http::make_transport(dispatcher, options);
  } catch (const Problem& problem) {
    if (std::holds_alternative<http::InheritedSocket>(options.address)) throw;
    throw Problem(problem.kind(), std::string(problem.what()) + "; choose another with --listen");
  }
}

void serve(Session& session, const Options& options) {
  const std::optional<int> handed_over = take_handed_over_socket(session);
  const Plan plan = make_plan(session, options, handed_over);
  note_settings_without_effect(session);
  const std::unique_ptr<http::TlsContext> tls = open_tls(session, options.tls_files);
  StopSignals signals;
  allow_many_descriptors();
  return_large_memory();
  const Clock& clock = session.clock();
  Log log(STDERR_FILENO, plan.log_level, clock);
  // Before the database: where a folder that was asked for is none, no shop is made or seeded.
  const std::unique_ptr<http::Spool> spool =
      open_spool(options.spool_folder, options.spooled_mib * 1024 * 1024, session.database_choice(), log);

  const Database database = session.open_database(sql::Missing::create, [&log](std::uint64_t bytes) {
    log.warning("database_log_is_held", {{"bytes", static_cast<std::int64_t>(bytes)}});
  });
  sql::Database& shared = *database.engine;
  warn_of_newer_schema(shared, log);
  if (options.seed_if_empty) seed::fill(shared, seed::Plan(), clock, [](std::int64_t, std::int64_t) {});

  const auto redis = open_redis(plan.redis, shared, log);
  std::optional<Background> background;
  std::optional<Bells> bells;
  const auto tell = [&bells] { bells->ring(); };
  if (!options.no_jobs) background.emplace(shared, clock, log, tell);
  bells.emplace(session.database_choice(), redis.get(),
                background ? [&background] { background->look(); } : std::function<void()>());
  shop::OrderBook orders_alone(shared, clock, tell);
  shop::Inventory inventory(shared, clock);
  shop::Ledger ledger(shared);
  shop::Catalogue catalogue(shared, clock);
  const auto cache = cache::make_lru_cache({.max_bytes = options.cache_mib * 1024 * 1024}, clock);
  cache::Flights flights;
  const auto shared_cache = redis ? redis->cache() : nullptr;
  limit::Limits limits;
  for (const auto& [route, rate] : plan.limits) {
    auto limiter = limit::make_token_bucket(rate, clock);
    if (redis) limiter = redis->limiter(route, rate, std::move(limiter));
    limits.add(route, {.rate = rate, .limiter = std::move(limiter)});
  }

  http::Router router;
  api::add_routes(router, {.database = shared,
                           .orders = background ? background->orders() : orders_alone,
                           .inventory = inventory,
                           .ledger = ledger,
                           .catalogue = catalogue,
                           .search = *database.search,
                           .cache = *cache,
                           .flights = flights,
                           .shared_cache = shared_cache.get(),
                           .is_degraded = [&redis] { return redis && !redis->client().is_there(); },
                           .version = kVersion});
  const http::Dispatcher dispatcher(router, log, plan.dispatcher, limits);
  const auto transport =
      listen(dispatcher, {.address = plan.address,
                          .max_connections = options.max_connections,
                          .max_waiting = database.max_waiting + cache::Flights::kMaxWaiting,
                          .request_timeout = std::chrono::seconds(options.request_timeout_s),
                          .max_held_bytes = options.buffered_mib * 1024 * 1024,
                          .spool = spool.get(),
                          .tls = tls.get()});
  if (tls) signals.set_reload([&] { reload_tls(*tls, options.tls_files, log); });
  const Stoppable stoppable(signals, [&] { transport->stop(); });
  print_greeting(session, transport->address(), handed_over.has_value(), tls != nullptr, plan.redis);
  transport->run();
  if (background) background->end();
}

}  // namespace

void add_serve(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand("serve", "answer HTTP until SIGTERM or Ctrl-C");
  const auto options = std::make_shared<Options>();
  const CLI::Option* const listen =
      command
          ->add_option("--listen", options->listen,
                       "where to listen: PORT alone is 127.0.0.1:PORT, :PORT every address of this machine, "
                       "port 0 any that is free; unix:PATH is a Unix socket; a socket that systemd hands "
                       "over (LISTEN_FDS) takes the place of the default")
          ->type_name("HOST:PORT|unix:PATH")
          ->capture_default_str();
  const CLI::Option* const socket_mode =
      command
          ->add_option("--socket-mode", options->socket_mode,
                       "who may connect to a Unix socket, as the permissions of its file")
          ->type_name("OCTAL")
          ->capture_default_str();
  command
      ->add_option(
          "--tls-cert", options->tls_files.certificates,
          "serve HTTPS with this certificate (PEM, the issuers' behind it); SIGHUP has both files read anew")
      ->type_name("FILE");
  command
      ->add_option("--tls-key", options->tls_files.key,
                   "the certificate's private key (PEM, without a passphrase)")
      ->type_name("FILE");
  command->add_flag("--seed-if-empty", options->seed_if_empty,
                    "fill an empty database with the demo shop first");
  command->add_flag("--no-jobs", options->no_jobs,
                    "leave jobs and reservations that end to `aforro work`, or to other servers");
  command
      ->add_option("--suggest-rate", options->suggest_rate,
                   "how many suggestions a client may ask for, or off")
      ->type_name("COUNT/TIME")
      ->capture_default_str();
  command
      ->add_option("--limit", options->limits,
                   "how many requests of a route a client may send (orders=100/s), or off; may be repeated, "
                   "and wins over --suggest-rate")
      ->type_name("ROUTE=COUNT/TIME")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      ->add_option("--trusted-proxy", options->trusted_proxies,
                   "a proxy whose X-Forwarded-For counts, or unix for whoever comes by a Unix socket; may be "
                   "repeated")
      ->type_name("NETWORK")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--cors-origin", options->cors_origin, "a page elsewhere that may call this server")
      ->type_name("URL");
  add_number(*command, "--max-connections", {.min = 1, .max = 100'000}, "one more is answered 503",
             options->max_connections)
      ->default_str(std::to_string(options->max_connections));
  add_number(*command, "--request-timeout", {.min = 1, .max = 3'600},
             "seconds in which a request must have arrived whole; each 16 KiB of a body earn one more",
             options->request_timeout_s)
      ->type_name("SECONDS")
      ->default_str(std::to_string(options->request_timeout_s));
  add_number(*command, "--cache-size", {.min = 0, .max = 65'536}, "memory for finished listings, in MiB",
             options->cache_mib)
      ->type_name("MIB")
      ->default_str(std::to_string(options->cache_mib));
  add_number(*command, "--max-buffered", {.min = 4, .max = 65'536},
             "memory for requests and answers that slow clients hold up, in MiB", options->buffered_mib)
      ->type_name("MIB")
      ->default_str(std::to_string(options->buffered_mib));
  command
      ->add_option("--spool", options->spool_folder,
                   "where large request bodies wait, as files without a name: a folder on a disk; beside the "
                   "database, or in /var/tmp, unless said")
      ->type_name("FOLDER");
  add_number(*command, "--max-spooled", {.min = 1, .max = 1'048'576},
             "disk that they take together at most, in MiB; the last of it stays free in any case",
             options->spooled_mib)
      ->type_name("MIB")
      ->default_str(std::to_string(options->spooled_mib));
  add_redis(*command, options->redis);
  add_log_level(*command, options->log_level);
  session.add_wait_for_database(*command);
  session.add_database_connections(*command);
  session.add_common(*command, "aforro serve --listen 127.0.0.1:8000 --seed-if-empty --database shop.db",
                     kRequestPatience);
  command->callback([&session, options, listen, socket_mode] {
    options->is_listen_given = listen->count() > 0;
    options->is_socket_mode_given = socket_mode->count() > 0;
    serve(session, *options);
  });
}

}  // namespace aforro::app

// Jobs without a server: for those who run servers apart from what they leave to be done.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <semaphore>
#include <string>

#include "app/background.h"
#include "app/bells.h"
#include "app/commands.h"
#include "app/log_level.h"
#include "app/stop_signals.h"

namespace aforro::app {
namespace {

// A worker whose standard output is closed or full works all the same.
void print_greeting(Session& session) {
  const std::string greeting = "working on the jobs of " + shown_location(session.database_choice()) + '\n';
  try {
    session.print(greeting);
  } catch (const std::exception&) {
    std::clearerr(stdout);
  }
}

struct Options {
  RedisOptions redis;
  std::string log_level = "info";
};

void work(Session& session, const Options& options) {
  const Log::Level level = parse_log_level(options.log_level);
  const RedisChoice chosen = choose_redis(session, options.redis);
  StopSignals signals;
  Log log(STDERR_FILENO, level, session.clock());
  const Database database = session.open_database(sql::Missing::refuse);
  warn_of_newer_schema(*database.engine, log);
  std::counting_semaphore is_enough(0);
  const auto redis = open_redis(chosen, *database.engine, log);
  Background background(*database.engine, session.clock(), log, [] {});
  const Bells bells(session.database_choice(), redis.get(), [&background] { background.look(); });
  const Stoppable stoppable(signals, [&] { is_enough.release(); });
  print_greeting(session);
  is_enough.acquire();
  background.end();
}

}  // namespace

void add_work(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand(
      "work", "do the jobs of a shop until SIGTERM or Ctrl-C, beside servers with --no-jobs");
  const auto options = std::make_shared<Options>();
  add_redis(*command, options->redis);
  add_log_level(*command, options->log_level);
  session.add_wait_for_database(*command);
  session.add_database_connections(*command);
  session.add_common(*command, "aforro work --database postgres://shop@localhost/shop", kRequestPatience);
  command->callback([&session, options] { work(session, *options); });
}

}  // namespace aforro::app

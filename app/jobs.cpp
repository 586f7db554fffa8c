#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/number_option.h"
#include "base/json_writer.h"
#include "jobs/queue.h"

namespace aforro::app {
namespace {

struct Options {
  std::int64_t limit = 100;
  std::int64_t job = 0;
};

// "every 60 s" is what its last column says of a periodic job; that of another one its error.
std::string remark_on(const jobs::JobRecord& job) {
  const std::string error = job.last_error.value_or("");
  if (!job.period) return error;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*job.period).count();
  return "every " + std::to_string(seconds) + " s" + (error.empty() ? "" : "; " + error);
}

void write_json(JsonWriter& json, const jobs::JobRecord& job) {
  json.begin_object();
  json.key("id").number(job.id);
  json.key("kind").string(job.kind);
  json.key("payload").string(job.payload);
  json.key("state").string(job.is_dead ? "dead" : "waiting");
  json.key("run_at").string(job.run_at.to_string());
  json.key("attempts").number(job.attempts);
  json.key("last_error");
  job.last_error ? json.string(*job.last_error) : json.null();
  json.key("period_seconds");
  job.period ? json.number(std::chrono::duration_cast<std::chrono::seconds>(*job.period).count())
             : json.null();
  json.key("created_at").string(job.created_at.to_string());
  json.end_object();
}

void list(Session& session, std::int64_t limit) {
  const Database database = session.open_database_to_read();
  std::vector<jobs::JobRecord> jobs = jobs::Queue(*database.engine, session.clock()).list(limit + 1);
  const bool are_more = jobs.size() > static_cast<std::size_t>(limit);
  if (are_more) jobs.pop_back();
  if (session.wants_json()) {
    JsonWriter json;
    json.begin_array();
    for (const jobs::JobRecord& job : jobs) write_json(json, job);
    json.end_array();
    session.print_json(json.take());
  } else {
    Table table({{"id", Column::Align::right},
                 {"state"},
                 {"kind"},
                 {.name = "payload", .gives_way = true},
                 {"attempts", Column::Align::right},
                 {"run at"},
                 {.name = "remark", .gives_way = true}});
    for (const jobs::JobRecord& job : jobs) {
      table.add({std::to_string(job.id), job.is_dead ? "dead" : "waiting", job.kind, job.payload,
                 std::to_string(job.attempts), job.run_at.to_string(), remark_on(job)});
    }
    session.print(table, "no job waits, and none has died");
  }
  if (are_more) session.remark("these are " + std::to_string(limit) + " of more; --limit shows them");
}

// What was done to a job, as the command is called and as it is told.
struct Done {
  std::string_view key;
  std::string_view sentence;
};

void change(Session& session, std::int64_t job, void (jobs::Queue::*change)(std::int64_t), const Done& done) {
  const Database database = session.open_database(sql::Missing::refuse);
  jobs::Queue queue(*database.engine, session.clock());
  (queue.*change)(job);
  if (session.wants_json()) {
    JsonWriter json;
    json.begin_object().key("id").number(job).key(done.key).boolean(true).end_object();
    session.print_json(json.take());
  } else {
    session.print("job " + std::to_string(job) + ' ' + std::string(done.sentence) + "\n");
  }
}

}  // namespace

void add_jobs(CLI::App& program, Session& session) {
  CLI::App* const command =
      program.add_subcommand("jobs", "background jobs: look at them, retry or discard those that died");
  command->require_subcommand(0, 1);
  const auto options = std::make_shared<Options>();
  const auto add_limit = [&](CLI::App& to) {
    add_number(to, "--limit", {.min = 1, .max = 1'000'000}, "how many at most", options->limit)
        ->default_str(std::to_string(options->limit));
  };
  const auto show = [&session, options] { list(session, options->limit); };

  CLI::App* const listing = command->add_subcommand("list", "the dead first, then what waits for its time");
  add_limit(*listing);
  session.add_common(*listing, "aforro jobs list --limit 20");
  listing->callback(show);

  CLI::App* const retry = command->add_subcommand("retry", "let a dead job begin anew, at once");
  add_number(*retry, "JOB", {.min = 1}, "its id", options->job)->required()->type_name("");
  session.add_common(*retry, "aforro jobs retry 17");
  retry->callback([&session, options] {
    change(session, options->job, &jobs::Queue::retry, {"retried", "will be tried again"});
  });

  CLI::App* const discard = command->add_subcommand("discard", "remove a dead job");
  add_number(*discard, "JOB", {.min = 1}, "its id", options->job)->required()->type_name("");
  session.add_common(*discard, "aforro jobs discard 17");
  discard->callback([&session, options] {
    change(session, options->job, &jobs::Queue::discard, {"discarded", "was discarded"});
  });

  add_limit(*command);
  session.add_common(*command, "aforro jobs");
  command->callback([command, show] {
    if (command->get_subcommands().empty()) show();
  });
}

}  // namespace aforro::app

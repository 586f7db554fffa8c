#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>

#include "app/commands.h"
#include "app/copies.h"
#include "app/findings.h"
#include "app/give_way.h"
#include "app/partial_file.h"
#include "app/terminal.h"
#include "base/json_writer.h"
#include "base/problem.h"
#include "base/shortage.h"
#include "shop/schema.h"
#include "sql/sqlite_copy.h"
#include "sql/sqlite_replace.h"

namespace aforro::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPiece = 1 << 20;
constexpr std::chrono::milliseconds kLongestRest{20};
constexpr std::uint64_t kLargeLog = 64 << 20;

struct Options {
  std::string file;
  bool replaces = false;
  bool verifies = true;

  bool is_streamed() const { return file == "-"; }
};

struct Backup {
  sql::SqliteCopy copy;
  std::optional<shop::Findings> findings;
  double seconds = 0;
};

[[noreturn]] void refuse(const std::string& why) { throw Problem(Problem::Kind::conflict, why); }

// A name that nothing is lost by, and that no database takes for a part of its own.
void require_free(const fs::path& file, const fs::path& database, bool replaces) {
  for (const std::string_view suffix : sql::kCompanions) {
    if (file.string().ends_with(suffix)) {
      refuse(file.string() + " would be taken for a part of a database of the name before " +
             std::string(suffix) + "; name another file");
    }
  }
  if (is_same_file(file, database)) refuse(file.string() + " is the database itself; name another file");
  struct stat status {};
  if (::lstat(file.c_str(), &status) == 0) {
    if (fs::is_directory(file)) refuse(file.string() + " is a folder; name a file in it");
    if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) refuse(file.string() + " is no regular file");
    if (!replaces) refuse(file.string() + " is there already; --force replaces it");
  } else if (!file.has_filename()) {
    refuse("there is no folder " + file.string());
  }
  refuse_beside_log(file);
}

fs::path temporary_name() {
  const char* const given = std::getenv("TMPDIR");
  const fs::path folder = given != nullptr && *given != '\0' ? given : "/var/tmp";
  return folder / ("aforro-backup-" + std::to_string(::getpid()));
}

// Copies no faster than the disk takes it, and rests after each piece for as long as that took. Not at the
// lowest priority: the longer it takes, the longer the log of the database is.
sql::SqliteCopy copy(Session& session, const fs::path& database, PartialFile& partial) {
  using std::chrono::steady_clock;
  Progress progress("backing up");
  std::uint64_t written_out = 0;
  auto begin = steady_clock::now();
  return sql::copy_sqlite(database, partial.path(), shop::schema(), session.patience().locks,
                          [&](std::uint64_t done, std::uint64_t all) {
                            if (written_out == 0) partial.reserve(all);
                            progress.show_bytes(done, all);
                            if (done - written_out < kPiece && done != all) return;
                            partial.write_out(done);
                            written_out = done;
                            std::this_thread::sleep_for(
                                std::min<steady_clock::duration>(steady_clock::now() - begin, kLongestRest));
                            begin = steady_clock::now();
                          });
}

void send(const PartialFile& partial) {
  std::array<char, 1 << 16> buffer;
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(partial.descriptor(), buffer.data(), buffer.size(), at);
    if (got == 0) return;
    if (got < 0) throw Unavailable(std::string("the copy can't be read: ") + error_text(errno));
    for (ssize_t sent = 0; sent < got;) {
      const ssize_t now = ::write(STDOUT_FILENO, buffer.data() + sent, static_cast<std::size_t>(got - sent));
      if (now < 0 && errno == EINTR) continue;
      if (now < 0) {
        throw std::runtime_error(std::string("the backup can't be written to standard output: ") +
                                 error_text(errno));
      }
      sent += now;
    }
    at += got;
  }
}

void report(Session& session, const Options& options, const Backup& made) {
  if (session.wants_json()) {
    JsonWriter json;
    json.begin_object();
    json.key("file").string(shown_path(options.file));
    json.key("bytes").number(static_cast<std::int64_t>(made.copy.bytes));
    json.key("seconds").raw(std::to_string(made.seconds));
    json.key("is_verified").boolean(made.findings.has_value());
    json.key("fault_count").number(made.findings ? made.findings->fault_count() : 0);
    if (made.findings) write_counted(json.key("holds"), *made.findings);
    json.end_object();
    session.print_json(json.take());
    return;
  }
  const std::string tenths = std::to_string(static_cast<std::int64_t>(made.seconds * 10 + 0.5));
  std::string line = (options.is_streamed() ? "standard output" : options.file) + ": " +
                     shown_bytes(made.copy.bytes) + " in " +
                     (tenths.size() == 1 ? "0" : tenths.substr(0, tenths.size() - 1)) + '.' + tenths.back() +
                     " s, " + (made.findings ? "verified: " + counted(*made.findings) : "not verified");
  options.is_streamed() ? session.remark(line) : session.print(line + '\n');
}

void backup(Session& session, const Options& options) {
  const fs::path database = database_file(session, Direction::backup, options.file);
  if (options.file.empty()) throw wrong_usage("FILE must not be empty");
  if (options.is_streamed() && is_terminal(STDOUT_FILENO)) {
    throw wrong_usage("- is standard output, which is a terminal; name a file, or send it on by a pipe");
  }
  if (options.is_streamed() && session.wants_json()) {
    throw wrong_usage("- sends the backup to standard output, where --json would write as well");
  }
  const fs::path target = options.is_streamed() ? temporary_name() : fs::path(options.file);
  if (!options.is_streamed()) require_free(target, database, options.replaces);
  const auto begin = std::chrono::steady_clock::now();
  PartialFile partial(target);
  Backup made;
  made.copy = copy(session, database, partial);
  if (options.verifies) {
    const GivingWay giving_way;
    made.findings = check_copy(partial.path());
  }
  if (made.findings && made.findings->fault_count(shop::Check::storage) > 0) {
    refuse("the database is damaged, and so would be its backup: " +
           made.findings->named(shop::Check::storage).front() + "; --no-verify copies it as it is");
  }
  partial.resemble(database);
  partial.sync();
  if (options.is_streamed()) {
    send(partial);
  } else {
    partial.finish(options.replaces ? PartialFile::Existing::replace : PartialFile::Existing::refuse);
  }
  made.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  report(session, options, made);
  if (made.copy.log_growth_bytes > kLargeLog) {
    session.remark("note: the log of " + database.string() + " grew by " +
                   shown_bytes(made.copy.log_growth_bytes) + " meanwhile, since it could not be emptied");
  }
  if (!made.findings) return;
  remark_left_out(session, *made.findings);
  if (made.findings->is_clean()) return;
  session.remark(fault_lines(*made.findings) + "aforro: " + counted_faults(*made.findings) + " in " +
                 database.string() + ", which the backup has as well");
  session.refused();
}

}  // namespace

void add_backup(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand(
      "backup", "copy the database to a file, beside a server too, and verify the copy");
  const auto options = std::make_shared<Options>();
  command->add_option("FILE", options->file, "the copy, which must not be there yet; - is standard output")
      ->required()
      ->type_name("");
  command->add_flag("--force", options->replaces, "replace FILE if it is there");
  command->add_flag_callback(
      "--no-verify", [options] { options->verifies = false; }, "don't look whether the copy is sound");
  session.add_common(*command, "aforro backup /backups/shop-$(date +%F).db --database shop.db");
  command->callback([&session, options] { backup(session, *options); });
}

}  // namespace aforro::app

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include "app/commands.h"
#include "app/copies.h"
#include "app/findings.h"
#include "app/partial_file.h"
#include "app/terminal.h"
#include "base/gzip.h"
#include "base/json_writer.h"
#include "base/problem.h"
#include "base/shortage.h"
#include "shop/schema.h"
#include "sql/sqlite_header.h"
#include "sql/sqlite_replace.h"

namespace aforro::app {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string file;
  bool replaces = false;
  bool verifies = true;
};

[[noreturn]] void refuse(const std::string& why) { throw Problem(Problem::Kind::conflict, why); }

// A backup that no process is writing.
class Source {
 public:
  explicit Source(const std::string& file)
      : name_(file == "-" ? "standard input" : file),
        descriptor_(file == "-" ? ::dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0 && errno == ENOENT) throw Problem::not_found("there is no file " + file);
    if (descriptor_ < 0) refuse(name_ + " can't be read: " + error_text(errno));
    if (file == "-") return;
    struct stat status {};
    const bool is_known = ::fstat(descriptor_, &status) == 0;
    std::string why;
    if (!is_known || !S_ISREG(status.st_mode)) {
      why = "is no regular file";
    } else if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      why = "is in use by another process";
    }
    if (why.empty()) {
      bytes_ = static_cast<std::uint64_t>(status.st_size);
      return;
    }
    ::close(descriptor_);
    refuse(name_ + ' ' + why);
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() { ::close(descriptor_); }

  const std::string& name() const { return name_; }
  std::optional<std::uint64_t> bytes() const { return bytes_; }

  // Fills the buffer, but for the end of the file.
  std::string_view read(std::span<char> buffer) const {
    std::size_t done = 0;
    while (done < buffer.size()) {
      const ssize_t got = ::read(descriptor_, buffer.data() + done, buffer.size() - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) refuse(name_ + " can't be read: " + error_text(errno));
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return {buffer.data(), done};
  }

 private:
  const std::string name_;
  const int descriptor_;
  std::optional<std::uint64_t> bytes_;
};

struct Restored {
  std::uint64_t bytes = 0;
  bool is_plain_copy = false;
  std::optional<verify::Findings> findings;
  sql::Replaced replaced;
  double seconds = 0;
};

void write_all(const PartialFile& to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(to.descriptor(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse(to.path().string() + " can't be written: " + error_text(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Looks at the first bytes before it goes on, so that what is no backup is refused at once.
void copy(const Source& from, const PartialFile& to, Restored& restored) {
  std::vector<char> buffer(1 << 20);
  Progress progress("restoring");
  if (from.bytes()) to.reserve(*from.bytes());
  for (;;) {
    const std::string_view piece = from.read(buffer);
    if (restored.bytes == 0) {
      if (is_gzip(piece)) refuse(from.name() + " is packed by gzip: gunzip -c FILE | aforro restore -");
      const auto header = sql::SqliteHeader::parse(piece);
      const std::string why = sql::why_not_ours(header, shop::schema());
      if (!why.empty()) refuse(from.name() + ' ' + why);
      if (header->schema.version == 0) {
        refuse(from.name() +
               " holds no shop: it was copied without its log; make backups by `aforro backup`");
      }
      restored.is_plain_copy = header->uses_log;
    }
    if (piece.empty()) return;
    write_all(to, piece);
    restored.bytes += piece.size();
    progress.show_bytes(restored.bytes, std::max(restored.bytes, from.bytes().value_or(0)));
  }
}

bool is_there(const fs::path& file) {
  struct stat status {};
  return ::lstat(file.c_str(), &status) == 0;
}

fs::path free_name(const fs::path& database, Time now) {
  std::string time = now.to_string().substr(0, 19) + 'Z';  // 2026-11-25T02:52:09
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  const fs::path name = database.string() + ".replaced-" + time;
  fs::path free = name;
  for (int more = 2; is_there(free); ++more) free = name.string() + '-' + std::to_string(more);
  return free;
}

mode_t usual_permissions() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0644 & ~mask;
}

void report(Session& session, const fs::path& database, const Restored& restored) {
  if (session.wants_json()) {
    JsonWriter json;
    json.begin_object();
    json.key("database").string(shown_path(database));
    json.key("bytes").number(static_cast<std::int64_t>(restored.bytes));
    json.key("seconds").raw(std::to_string(restored.seconds));
    json.key("is_verified").boolean(restored.findings.has_value());
    if (restored.findings) write_counted(json.key("holds"), *restored.findings);
    json.key("kept");
    restored.replaced.kept ? json.string(shown_path(*restored.replaced.kept)) : json.null();
    json.key("kept_logs").begin_array();
    for (const fs::path& log : restored.replaced.kept_logs) json.string(shown_path(log));
    json.end_array().end_object();
    session.print_json(json.take());
  } else {
    session.print(database.string() + ": " + shown_bytes(restored.bytes) + ", " +
                  (restored.findings ? "verified: " + counted(*restored.findings) : "not verified") + '\n');
    if (restored.replaced.kept)
      session.remark("what was there is kept as " + restored.replaced.kept->string());
    for (const fs::path& log : restored.replaced.kept_logs) {
      session.remark("a log that was there is kept as " + log.string());
    }
  }
  if (restored.findings) remark_left_out(session, *restored.findings);
  if (restored.is_plain_copy) {
    session.remark(
        "note: the backup is a plain copy of a database, not made by `aforro backup`: if that was in use, "
        "what"
        " its log held is missing");
  }
}

void restore(Session& session, const Options& options) {
  const fs::path named = database_file(session, Direction::restore, options.file);
  if (options.file.empty()) throw wrong_usage("FILE must not be empty");
  if (options.file == "-" && is_terminal(STDIN_FILENO)) {
    throw wrong_usage("- is standard input, which is a terminal");
  }
  if (options.file != "-" && ::access(options.file.c_str(), F_OK) != 0 && errno == ENOENT) {
    throw Problem::not_found("there is no file " + options.file);
  }
  const fs::path database = fs::weakly_canonical(named);  // its log lies beside the file itself
  if (is_same_file(options.file, database)) refuse(options.file + " is the database itself");
  if (options.file != "-") refuse_beside_log(options.file);
  const Source source(options.file);
  if (!options.replaces && database_exists(session.database_choice())) {
    refuse("there is a database at " + named.string() +
           " already; --force puts the backup in its place and keeps it beside");
  }
  sql::require_replaceable(database, shop::schema());

  const auto begin = std::chrono::steady_clock::now();
  PartialFile partial(database);
  Restored restored;
  copy(source, partial, restored);
  if (options.verifies) restored.findings = check_copy(partial.path());
  if (restored.findings && !restored.findings->is_clean()) {
    session.remark(fault_lines(*restored.findings) + "aforro: " + counted_faults(*restored.findings) +
                   " in " + source.name() + ", so nothing was restored; --no-verify takes it as it is");
    session.refused();
    return;
  }
  if (::fchmod(partial.descriptor(), usual_permissions()) != 0) refuse("the permissions can't be set");
  partial.resemble(database);
  partial.sync();
  {
    const SignalsHeld held;
    restored.replaced =
        sql::replace_sqlite(database, partial.path(), free_name(database, session.clock().now()),
                            shop::schema(), [](sql::ReplaceStep) {});
    partial.disown();
  }
  restored.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  report(session, named, restored);
}

}  // namespace

void add_restore(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand(
      "restore", "make a backup the database, once it is verified; with no server running");
  const auto options = std::make_shared<Options>();
  command->add_option("FILE", options->file, "what `aforro backup` made; - is standard input")
      ->required()
      ->type_name("");
  command->add_flag("--force", options->replaces,
                    "replace a database that is there; it is kept as DATABASE.replaced-TIME");
  command->add_flag_callback(
      "--no-verify", [options] { options->verifies = false; }, "don't look whether the backup is sound");
  session.add_common(*command, "aforro restore /backups/shop-2026-11-25.db --database shop.db");
  command->callback([&session, options] { restore(session, *options); });
}

}  // namespace aforro::app

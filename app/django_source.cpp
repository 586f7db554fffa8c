#include "app/django_source.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "app/commands.h"
#include "app/file.h"
#include "app/terminal.h"
#include "base/problem.h"
#include "django/sources.h"
#include "sql/foreign.h"

namespace aforro::app {
namespace {

constexpr std::string_view kSqliteMagic("SQLite format 3\0", 16);

bool is_postgres_url(const std::string& source) {
  return source.starts_with("postgres://") || source.starts_with("postgresql://");
}

// As SQLAlchemy and dj-database-url write it: three slashes and the path, which may begin with a fourth.
std::string path_of(const std::string& source) {
  constexpr std::string_view kScheme = "sqlite:///";
  if (source.starts_with(kScheme)) return source.substr(kScheme.size());
  if (source != "-" && source.find("://") != std::string::npos) {
    throw wrong_usage(
        "SOURCE must be postgres://USER:PASSWORD@HOST:PORT/NAME, a SQLite file, or what `manage.py"
        " dumpdata` has written");
  }
  return source;
}

// A file of whatever kind, whose first bytes say what it is. A pipe can be opened and read but once, so what
// was looked at is handed out again.
class PeekedFile {
 public:
  explicit PeekedFile(const std::string& path) : file_(path) {
    while (peeked_ < head_.size()) {
      const std::size_t more = file_.read(std::span(head_).subspan(peeked_));
      if (more == 0) break;
      peeked_ += more;
    }
  }

  bool is_sqlite() const { return std::string_view(head_.data(), peeked_) == kSqliteMagic; }

  // As InputFile::read() does, from the first byte on.
  std::size_t read(std::span<char> buffer) {
    if (handed_out_ == peeked_) return file_.read(buffer);
    const std::size_t some = std::min(buffer.size(), peeked_ - handed_out_);
    std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(handed_out_), some, buffer.begin());
    handed_out_ += some;
    return some;
  }

 private:
  InputFile file_;
  std::array<char, kSqliteMagic.size()> head_{};
  std::size_t peeked_ = 0;
  std::size_t handed_out_ = 0;
};

void require_sqlite_file(const std::string& path) {
  std::error_code unknown;
  if (path != "-" && std::filesystem::is_regular_file(path, unknown)) return;
  throw Problem(Problem::Kind::invalid,
                (path == "-" ? std::string("standard input") : path) +
                    " is a SQLite database, which can't be read from a pipe; name its file");
}

}  // namespace

void with_django_source(Session& session, const std::string& given, sql::Connection& staging,
                        FunctionRef<void(django::Source&)> use) {
  const auto patience = session.patience().locks;
  if (is_postgres_url(given)) {
    sql::read_foreign_postgres(
        given, patience, [&](sql::Connection& snapshot) { use(*django::make_postgres_source(snapshot)); });
    return;
  }
  const std::string path = path_of(given);
  std::optional<PeekedFile> file(path);
  if (file->is_sqlite()) {
    // Closed before SQLite opens it: closing it later would end the locks that SQLite has on it.
    file.reset();
    require_sqlite_file(path);
    sql::read_foreign_sqlite(path, patience,
                             [&](sql::Connection& snapshot) { use(*django::make_sqlite_source(snapshot)); });
    return;
  }
  std::unique_ptr<django::Source> dump;
  {
    Progress progress("reading object");
    dump = django::read_dump(
        staging, [&](std::span<char> buffer) { return file->read(buffer); },
        [&](std::int64_t objects) { progress.show(objects); });
  }
  use(*dump);
}

}  // namespace aforro::app

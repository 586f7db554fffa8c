#include "sql/sqlite_header.h"

#include <array>
#include <filesystem>
#include <system_error>

namespace aforro::sql {
namespace {

constexpr std::string_view kMagic("SQLite format 3\0", 16);

std::uint32_t big_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < count; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

}  // namespace

std::optional<SqliteHeader> SqliteHeader::parse(std::string_view bytes) {
  if (bytes.size() < kBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  const std::uint32_t page_bytes = big_endian(bytes, 16, 2);
  return SqliteHeader{
      .application_id = big_endian(bytes, 68, 4),
      .schema = unpack_mark(big_endian(bytes, 60, 4)),
      .file_bytes = (page_bytes == 1 ? 65'536 : std::uint64_t{page_bytes}) * big_endian(bytes, 28, 4),
      .uses_log = bytes[18] != 1 || bytes[19] != 1};
}

SchemaMark schema_mark(Connection& connection) {
  return unpack_mark(static_cast<std::uint32_t>(connection.maybe_integer("PRAGMA user_version").value()));
}

std::string why_not_ours(const std::optional<SqliteHeader>& header, const Schema& schema) {
  if (!header) return "is not a database; name another file";
  if (header->application_id != schema.application_id) return "belongs to another program; name another file";
  if (!may_use(schema, header->schema)) return newer_than(schema, header->schema);
  return "";
}

SqliteHeader require_ours(const SqliteFile& file, const Schema& schema) {
  std::array<char, SqliteHeader::kBytes> bytes{};
  const std::size_t got = file.read_at(0, bytes);
  const auto header = SqliteHeader::parse({bytes.data(), got});
  if (const std::string why = why_not_ours(header, schema); !why.empty()) refuse_file(file.path(), why);
  std::error_code ignored;
  const auto log_bytes = std::filesystem::file_size(file.companion("-wal"), ignored);
  const bool log_has_pages =
      !ignored && log_bytes > 0;  // then a checkpoint may have been cut off, and is repeated
  // Its size after that: another process may just have finished a checkpoint and closed.
  if (!log_has_pages && file.size_bytes() < header->file_bytes) {
    refuse_file(file.path(), "is damaged: it is shorter than it says; restore it from a backup");
  }
  return *header;
}

}  // namespace aforro::sql

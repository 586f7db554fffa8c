// With one version number alone, a program that meets a newer schema would have to stop: it can't know
// whether the newer steps matter to it. So a database says two things, its version and the oldest program
// that may use it. A step that only adds (an index, say) leaves the second where it was, and the previous
// program goes on beside the new one, as in a rolling upgrade. After an upgrade the strictest of all steps
// counts.
//
// SQLite keeps both in `user_version`, which is 32 bits in the header of the file: it can be read before
// SQLite opens the file, and SQLite changes it with the transaction.
#include "sql/schema.h"

#include <algorithm>
#include <cassert>

namespace aforro::sql {
namespace {

constexpr unsigned kPackedBits = 16;
constexpr int kMaxPacked = (1 << kPackedBits) - 1;

int oldest_program_of(const Migration& step) {
  return step.oldest_program == 0 ? step.to_version : step.oldest_program;
}

}  // namespace

std::uint32_t pack_mark(const SchemaMark& mark) {
  assert(mark.version > 0 && mark.version <= kMaxPacked && mark.oldest_program <= mark.version);
  const auto version = static_cast<std::uint32_t>(mark.version);
  const auto oldest = static_cast<std::uint32_t>(mark.oldest_program);
  return oldest == version ? version : oldest << kPackedBits | version;
}

SchemaMark unpack_mark(std::uint32_t packed) {
  const auto version = static_cast<int>(packed & kMaxPacked);
  const auto oldest = static_cast<int>(packed >> kPackedBits);
  return {.version = version, .oldest_program = oldest == 0 ? version : oldest};
}

std::string newer_than(const Schema& schema, const SchemaMark& found) {
  return "was written by a newer version of this program (schema " + std::to_string(found.version) +
         ", this one knows up to " + std::to_string(schema.version) + "); use that version";
}

bool may_use(const Schema& schema, const SchemaMark& found) { return found.oldest_program <= schema.version; }

SchemaTooNew::SchemaTooNew(const SchemaMark& found)
    : Unavailable("the database was brought to schema " + std::to_string(found.version) +
                  " by a newer version of this program, which must be used from now on"),
      found_(found) {}

void require_still_usable(int known_version, const SchemaMark& found) {
  if (found.oldest_program > known_version) throw SchemaTooNew(found);
}

void require_usable(const Schema& schema, const SchemaMark& found, Access access) {
  if (!may_use(schema, found)) {
    throw Problem(Problem::Kind::conflict, "the database " + newer_than(schema, found));
  }
  const int oldest_readable = schema.oldest_readable == 0 ? schema.version : schema.oldest_readable;
  if (access == Access::read_only && found.version > 0 && found.version < oldest_readable) {
    throw Problem(Problem::Kind::conflict, "the database is of an older version (schema " +
                                               std::to_string(found.version) + ", this program reads from " +
                                               std::to_string(oldest_readable) +
                                               " on); run `aforro migrate` on it");
  }
}

SchemaMark mark_after_upgrade(const Schema& schema, const SchemaMark& found) {
  if (found.version >= schema.version) return found;
  // Before the first step: programs that know the version on which it builds.
  int oldest = schema.steps.empty() ? schema.version : schema.steps.front().to_version - 1;
  for (const Migration& step : schema.steps) oldest = std::max(oldest, oldest_program_of(step));
  return {.version = schema.version, .oldest_program = oldest};
}

void upgrade(Connection& connection, const Schema& schema, const SchemaMark& found,
             std::string_view Script::*engine, MigrationProgress progress) {
  require_usable(schema, found, Access::read_write);
  if (found.version == 0) {
    connection.script(schema.script.*engine);
    return;
  }
  for (const Migration& step : schema.steps) {
    if (step.to_version <= found.version) continue;
    connection.script(step.script.*engine);
    if (step.rewrite != nullptr) step.rewrite(connection, progress);
  }
}

}  // namespace aforro::sql

// The shape of a database as numbered versions: a new database gets the whole schema at once, an older one
// the steps that it lacks, in one transaction. Each database says which programs may use it: a program that
// knows an older schema goes on behind a step that only adds, and refuses behind any other. Each driver keeps
// that in its own way and picks its engine's texts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "base/problem.h"
#include "sql/connection.h"

namespace aforro::sql {

struct Script {  // the same, said to each engine
  std::string_view sqlite;
  std::string_view postgres;
};

// Told how many rows of how many a step has been through, to be shown while it takes long.
using MigrationProgress = FunctionRef<void(std::int64_t done, std::int64_t all)>;

// A part of the step from one version to the next; a step may have several, in order.
struct Migration {
  int to_version;
  Script script;
  // The oldest program that may use the database after it, by the schema that it knows; 0: none older than
  // this step. A step that only adds what an older program neither sees nor breaks names an older one:
  // to_version - 1, or the one that the step before it names, so that those go on as well. Such a step is
  // taken while the older program serves, so it must not rewrite a table or read all of one (an index of a
  // large one does), nor change the type of a column.
  int oldest_program = 0;
  // What SQL cannot say, after the script and in its transaction. Nothing where the script is all.
  void (*rewrite)(Connection& connection, MigrationProgress progress) = nullptr;
};

struct Schema {
  std::uint32_t application_id;      // marks a database as ours
  int version;                       // what `script` makes
  Script script;                     // the whole schema, for a new database
  std::span<const Migration> steps;  // for older ones, ascending
  // The oldest version of a database that this program can read from without migrating it; 0: its own only.
  int oldest_readable = 0;
};

// What a database says of its schema.
struct SchemaMark {
  int version = 0;         // 0: it has none yet
  int oldest_program = 0;  // a program must know at least that version to use it

  friend bool operator==(const SchemaMark&, const SchemaMark&) = default;
};

// A mark as one number, for engines that have room for no more: the version, and above its 16 bits the oldest
// program, but where it is the same.
std::uint32_t pack_mark(const SchemaMark& mark);
SchemaMark unpack_mark(std::uint32_t packed);

// What a driver is to do about a database that does not exist.
enum class Missing { create, refuse };

// What a database is opened for.
enum class Access {
  read_write,  // it is brought to the schema
  read_only,   // it is left as it is, and nothing is ever written
};

// What to say of a database that only a newer program may use: "was written by …".
std::string newer_than(const Schema& schema, const SchemaMark& found);

bool may_use(const Schema& schema, const SchemaMark& found);

// A newer program has brought the database to a schema that this one must not use, beneath it. Unlike that of
// others of its kind its text may be shown to strangers.
class SchemaTooNew : public Unavailable {
 public:
  explicit SchemaTooNew(const SchemaMark& found);
  const SchemaMark& found() const { return found_; }

 private:
  SchemaMark found_;
};

// For each transaction, or session, of a database that is open: throws SchemaTooNew if a program that knows
// that version must not use it any more.
void require_still_usable(int known_version, const SchemaMark& found);

// Throws Problem (conflict) if only a newer program may use the database, or if it is to be read only and is
// older than this program can read.
void require_usable(const Schema& schema, const SchemaMark& found, Access access);

// What a database is marked with after it was brought to the schema; of a newer one, what it has.
SchemaMark mark_after_upgrade(const Schema& schema, const SchemaMark& found);

// Brings a database to the schema's version, whose new mark the driver then stores; one that is as new or
// newer is left alone. For drivers, inside a transaction that shuts out other processes doing the same.
// Throws as require_usable() does.
void upgrade(Connection& connection, const Schema& schema, const SchemaMark& found,
             std::string_view Script::*engine, MigrationProgress progress);

}  // namespace aforro::sql

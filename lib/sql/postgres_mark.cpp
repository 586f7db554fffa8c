// What makes a cached listing true is that nothing was committed since its mark was taken. PostgreSQL says
// that in a few microseconds without reading a table: pg_current_snapshot() names the transactions that are
// committed, and a commit changes that text. (Its number was in the list of those under way, or is past the
// end; on a standby the list is left out, so there the text proves nothing.) The versions of a listing cost
// far more, since they are a sum over the store's rows.
//
// The text is that of the whole server: other databases' commits move the mark, too. While orders come faster
// than the server is asked, the mark moves each time and saves nothing; then it is left alone for a while,
// and listings prove themselves by their versions.
#include "sql/postgres_mark.h"

namespace aforro::sql {
namespace {

constexpr int kMovesOften = 4;                      // times in a row
constexpr std::chrono::milliseconds kLetAlone{10};  // after that

}  // namespace

std::optional<std::uint64_t> PostgresMark::get(FunctionRef<std::optional<std::string>()> ask) {
  if (Clock::now() < moves_until_.load(std::memory_order_relaxed)) return std::nullopt;
  return asking_.ask([&] { return find_out(ask); });
}

std::optional<std::uint64_t> PostgresMark::find_out(FunctionRef<std::optional<std::string>()> ask) {
  const std::optional<std::string> committed = ask();
  if (!committed) return std::nullopt;
  const Lock lock(mutex_);
  if (*committed == committed_) {
    moved_ = 0;
    return mark_;
  }
  committed_ = *committed;
  if (++moved_ >= kMovesOften) {
    moved_ = 0;
    moves_until_.store(Clock::now() + kLetAlone, std::memory_order_relaxed);
  }
  return ++mark_;
}

}  // namespace aforro::sql

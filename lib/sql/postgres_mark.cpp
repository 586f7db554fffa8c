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

#include <utility>

#include "base/problem.h"

namespace aforro::sql {
namespace {

constexpr int kMovesOften = 4;                      // times in a row
constexpr std::chrono::milliseconds kLetAlone{10};  // after that

}  // namespace

std::optional<std::uint64_t> PostgresMark::get(Ask ask) {
  const auto asked_at = Clock::now();
  if (asked_at < moves_until_.load(std::memory_order_relaxed)) return std::nullopt;
  const Answer answer = asking_.ask([&] { return find_out(ask, asked_at); });
  if (!answer.is_unavailable) return answer.mark;
  const Lock lock(mutex_);
  throw Unavailable(why_);
}

// Who has waited for a round that failed does not wait for another one: the fault came after its question.
PostgresMark::Answer PostgresMark::find_out(Ask ask, Clock::time_point asked_at) {
  {
    const Lock lock(mutex_);
    if (failed_at_ > asked_at) return {.mark = std::nullopt, .is_unavailable = true};
  }
  try {
    std::optional<std::string> committed = ask();
    return committed ? note(*std::move(committed)) : Answer{};
  } catch (const Unavailable& fault) {
    const Lock lock(mutex_);
    failed_at_ = Clock::now();
    why_ = fault.what();
    return {.mark = std::nullopt, .is_unavailable = true};
  }
}

PostgresMark::Answer PostgresMark::note(std::string committed) {
  const Lock lock(mutex_);
  if (committed == committed_) {
    moved_ = 0;
    return {.mark = mark_};
  }
  committed_ = std::move(committed);
  if (++moved_ >= kMovesOften) {
    moved_ = 0;
    moves_until_.store(Clock::now() + kLetAlone, std::memory_order_relaxed);
  }
  return {.mark = ++mark_};
}

}  // namespace aforro::sql

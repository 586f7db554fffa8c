// How many rows fit into 20 ms can't be known ahead: the disk, the length of the texts and the search index
// decide. So the size of a piece is controlled by what the last one took, towards an aim well below the
// bound: down at once, since others were held up, and up by half at most, since one quick piece says little.
//
// The rest after each piece follows its time as well. On a busy machine a piece takes longer, because it
// waited for others, and then leaves them more.
#include "shop/pieces.h"

#include <algorithm>
#include <thread>

namespace aforro::shop {
namespace {

constexpr std::chrono::nanoseconds kLeastRest =
    std::chrono::milliseconds{2};  // another process looks for the lock every millisecond

// A slow disk makes every commit slow, however little it holds: below this, less work would only mean more
// commits.
constexpr std::size_t kLeastRows = 10;
constexpr std::size_t kMostRows = 2'000;

}  // namespace

void PieceSize::took(std::size_t rows, std::chrono::nanoseconds time) {
  const auto aim = std::chrono::duration<double>(kAim);
  const double fitting = static_cast<double>(rows) *
                         (aim / std::max<std::chrono::duration<double>>(time, std::chrono::microseconds(1)));
  // Down at once, up in steps: one quick piece says little.
  const double next = std::min(fitting, static_cast<double>(rows_) * 1.5);
  rows_ = static_cast<std::size_t>(
      std::clamp(next, static_cast<double>(kLeastRows), static_cast<double>(kMostRows)));
}

void in_pieces(std::size_t count, const Clock& clock, FunctionRef<std::size_t(std::size_t row)> weight,
               FunctionRef<void(Piece)> apply, FunctionRef<void(std::size_t done)> progress) {
  PieceSize size;
  for (std::size_t from = 0; from < count;) {
    std::size_t to = from;
    std::size_t weighs = 0;
    do {
      weighs += weight(to);
      ++to;
    } while (to < count && weighs + weight(to) <= size.rows());
    const auto begun = clock.steady();
    apply({from, to - from});
    const std::chrono::nanoseconds took = clock.steady() - begun;
    size.took(weighs, took);
    from = to;
    progress(from);
    if (from < count) std::this_thread::sleep_for(std::max(took / 2, kLeastRest));
  }
}

}  // namespace aforro::shop

// Cuts long work into short transactions, so that no other writer waits for long: how much goes into the next
// piece follows from the time that the ones before took. Not for use by several threads.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/function_ref.h"
#include "base/time.h"

namespace aforro::shop {

// How much work the next piece may be, in rows of ordinary size.
class PieceSize {
 public:
  // A writer may be held for 20 ms. Most of that is left for what no count of rows foretells: now and then
  // the search index merges its parts, within the transaction that happens to be the next.
  static constexpr std::chrono::milliseconds kAim{6};

  std::size_t rows() const { return rows_; }

  // Learns that a piece of `rows` took so long.
  void took(std::size_t rows, std::chrono::nanoseconds time);

 private:
  std::size_t rows_ = 25;
};

// Where a piece begins, and how many it has.
struct Piece {
  std::size_t from;
  std::size_t count;
};

// Calls `apply` for pieces that follow each other from 0 to `count`, and rests after each for half as long as
// it took. So a third of the time is left to other writers, and more of it where they are busy, since a piece
// that had to wait for them took longer. `weight` says how many ordinary rows one is worth, at least 1;
// `progress` is told after each piece how many are done.
void in_pieces(std::size_t count, const Clock& clock, FunctionRef<std::size_t(std::size_t row)> weight,
               FunctionRef<void(Piece)> apply, FunctionRef<void(std::size_t done)> progress);

}  // namespace aforro::shop

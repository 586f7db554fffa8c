#include "shop/pieces.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <vector>

#include "base/time.h"

namespace {

using aforro::SystemClock;
using aforro::shop::in_pieces;
using aforro::shop::Piece;
using aforro::shop::PieceSize;

TEST_CASE("pieces shrink at once when they take long, grow in steps when they do not, within bounds") {
  using std::chrono::milliseconds;
  PieceSize size;
  CHECK(size.rows() == 25);

  size.took(25, milliseconds(1));
  CHECK(size.rows() == 37);
  size.took(37, PieceSize::kAim * 2);
  CHECK(size.rows() == 18);
  size.took(18, milliseconds(10'000));
  CHECK(size.rows() == 10);
  for (int i = 0; i < 100; ++i) size.took(size.rows(), milliseconds(0));
  CHECK(size.rows() == 2'000);
}

TEST_CASE("pieces cover everything once, in order, and a heavy row goes alone") {
  const SystemClock clock;
  std::vector<std::size_t> begins;
  std::size_t next = 0;
  std::vector<std::size_t> told;

  in_pieces(
      60, clock, [](std::size_t row) { return row == 10 ? std::size_t{100'000} : std::size_t{1}; },
      [&](Piece piece) {
        CHECK(piece.from == next);
        CHECK(piece.count >= 1);
        if (piece.from == 10) CHECK(piece.count == 1);
        begins.push_back(piece.from);
        next = piece.from + piece.count;
      },
      [&](std::size_t done) { told.push_back(done); });

  CHECK(next == 60);
  CHECK(begins.at(1) == 10);
  CHECK(told.back() == 60);
  CHECK(told.size() == begins.size());
  in_pieces(
      0, clock, [](std::size_t) { return std::size_t{1}; }, [](Piece) { FAIL("nothing to do"); },
      [](std::size_t) {});
}

}  // namespace

// Somebody in the back of a shop: receives, corrects, transfers and imports goods by the program's commands,
// beside whatever serves the shop, and writes down what each said it did. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "support/shop.h"

namespace aforro::test {

class Clerk {
 public:
  using Shelf = std::pair<std::int64_t, std::int64_t>;  // store, product

  // Begins with what the shelves hold now, of which nothing may be sold yet. Needs the stores North and
  // South.
  Clerk(const Shop& shop, std::uint64_t seed, std::vector<std::string> skus);

  // One command, whichever.
  void work();

  // What each shelf has received in all: what was sold and is held of it, and what is left.
  const std::map<Shelf, std::int64_t>& received() const { return received_; }

  std::int64_t done() const { return done_; }
  std::int64_t refused() const { return refused_; }  // as it should be: there was too little
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  void move_goods();
  void count_depot();
  void change_prices();
  ProgramResult run(const std::vector<std::string>& command);

  const Shop& shop_;
  const std::vector<std::string> skus_;
  const std::int64_t north_;
  const std::int64_t south_;
  Shelf depot_;  // where nothing is sold: an import sets it
  std::vector<std::int64_t> products_;
  std::mt19937_64 random_;
  std::map<Shelf, std::int64_t> received_;
  std::int64_t done_ = 0;
  std::int64_t refused_ = 0;
  std::vector<std::string> faults_;
};

}  // namespace aforro::test

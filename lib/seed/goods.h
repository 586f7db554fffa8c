// Makes up a believable shop, thing by thing: categories, stores, and one product after the other, all of
// different names however many are asked for. The same for the same random seed, on every machine. For one
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "seed/words.h"

namespace aforro::seed {

// SplitMix64 (Steele, Lea, Flood 2014). What the standard library makes of a generator's numbers differs from
// one library to the next; this does not.
class SeedRandom {
 public:
  // Streams of the same seed have nothing to do with each other.
  SeedRandom(std::uint64_t seed, std::uint64_t stream);
  std::uint64_t next();
  std::size_t below(std::size_t bound);  // `bound` is 1 to 2^32
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

struct SeedProduct {
  std::size_t category;  // from 0
  std::string sku;
  std::string title;
  std::string description;
  Money price;
};

struct SeedStore {
  std::string name;
  std::string location;
};

class SeedGoods {
 public:
  SeedGoods(std::uint64_t random_seed, std::size_t categories);

  std::string category(std::size_t index) const;  // from 0
  SeedProduct next_product();
  SeedStore next_store();

 private:
  // What a title is put together from, by index.
  struct Model {
    std::size_t good;
    std::size_t brand;
    std::size_t kind;
    std::size_t option;
  };

  struct Department {
    const SeedDepartment* words;
    std::vector<std::string_view> brands;
    std::vector<std::string_view> remarks;
    std::vector<std::vector<std::string_view>> kinds;  // by good
    std::vector<Model> models;                         // all there can be, shuffled
    std::size_t made = 0;
  };

  std::size_t choose_category();
  SeedRandom random_of(std::size_t department, const Model& model, std::size_t series,
                       std::uint64_t stream) const;
  std::string name_of_model(std::size_t department, const Model& model, std::size_t series) const;
  Money price_of(std::size_t department, const Model& model, std::size_t series) const;

  const std::uint64_t random_seed_;
  SeedRandom random_;
  std::vector<Department> departments_;
  std::vector<std::size_t> lots_;  // each category as often as it weighs
  const std::size_t categories_;
  std::size_t products_ = 0;
  std::vector<std::size_t> cities_;    // shuffled
  std::vector<std::size_t> quarters_;  // shuffled
  std::size_t stores_ = 0;
};

}  // namespace aforro::seed

// Names must be unique however many goods are asked for, and the same on every machine. Drawing words by
// chance would repeat names, and checking each against all others would take the memory of all. So every
// combination of brand, kind, good and option of a department is listed once, the list is shuffled, and goods
// are dealt from it like cards; when it is used up it is dealt again, as the next series (Mk 2).
#include "seed/goods.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace aforro::seed {
namespace {

enum Stream : std::uint64_t {
  goods_stream,
  price_stream,
  number_stream = 3,
  name_stream
};  // 2 are the shelves

constexpr std::size_t kPlainProducts = 1'200;

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> names;
  for (;;) {
    const std::size_t bar = list.find('|');
    names.push_back(list.substr(0, bar));
    if (bar == std::string_view::npos) return names;
    list.remove_prefix(bar + 1);
  }
}

template <class T>
void shuffle(std::vector<T>& all, SeedRandom& random) {
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random.below(i)]);
}

std::vector<std::size_t> shuffled_indexes(std::size_t count, SeedRandom& random) {
  std::vector<std::size_t> indexes(count);
  std::iota(indexes.begin(), indexes.end(), std::size_t{0});
  shuffle(indexes, random);
  return indexes;
}

// An amount as shops write them: small ones end in 9 or 5, large ones are round.
Money shop_price(std::int64_t minor, std::size_t taste) {
  constexpr std::int64_t kEndings[] = {99, 95, 50, 0};
  const std::int64_t whole = std::max<std::int64_t>(1, minor / 100);
  if (whole < 60) return Money::from_minor(whole * 100 + kEndings[taste % 4]);
  if (whole < 200) return Money::from_minor(whole / 5 * 500 + (taste % 2 == 0 ? 0 : -5));
  return Money::from_minor(whole / 10 * 1'000 - 100);
}

// A name that nothing else has, of three syllables: "Stervanbo".
std::string invented_name(std::size_t rank) {
  static constexpr std::array<std::string_view, 16> kBeginnings{"b", "d", "f", "g", "h", "k", "l",  "m",
                                                                "n", "p", "r", "s", "t", "v", "br", "st"};
  static constexpr std::array<std::string_view, 8> kEnds{"a", "e", "i", "o", "u", "an", "er", "il"};
  constexpr std::size_t kSyllables = kBeginnings.size() * kEnds.size();
  // Odd, so that each rank below the product of all syllables has a name of its own.
  std::size_t number = rank * 1'442'695 % (kSyllables * kSyllables * kSyllables);
  std::string name;
  for (int i = 0; i < 3; ++i, number /= kSyllables) {
    name += kBeginnings[number % kBeginnings.size()];
    name += kEnds[number / kBeginnings.size() % kEnds.size()];
  }
  name.front() = static_cast<char>(name.front() - 'a' + 'A');
  return name;
}

}  // namespace

SeedRandom::SeedRandom(std::uint64_t seed, std::uint64_t stream) : state_(seed) {
  state_ = next() + stream;
  state_ = next();
}

std::uint64_t SeedRandom::next() {
  state_ += 0x9E37'79B9'7F4A'7C15;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58'476D'1CE4'E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D0'49BB'1331'11EB;
  return mixed ^ (mixed >> 31);
}

std::size_t SeedRandom::below(std::size_t bound) { return (next() >> 32) * bound >> 32; }

SeedGoods::SeedGoods(std::uint64_t random_seed, std::size_t categories)
    : random_seed_(random_seed), random_(random_seed, goods_stream), categories_(categories) {
  for (const SeedDepartment& words : seed_departments()) {
    Department department{.words = &words,
                          .brands = split(words.brands),
                          .remarks = split(words.remarks),
                          .kinds = {},
                          .models = {}};
    for (std::size_t good = 0; good < words.goods.size(); ++good) {
      department.kinds.push_back(split(words.goods[good].kinds));
      for (std::size_t brand = 0; brand < department.brands.size(); ++brand) {
        for (std::size_t kind = 0; kind < department.kinds.back().size(); ++kind) {
          for (std::size_t option = 0; option < words.goods[good].options.size(); ++option) {
            department.models.push_back({good, brand, kind, option});
          }
        }
      }
    }
    shuffle(department.models, random_);
    departments_.push_back(std::move(department));
  }
  for (std::size_t i = 0; i < categories; ++i) {
    const auto weight = static_cast<std::size_t>(departments_[i % departments_.size()].words->weight);
    lots_.insert(lots_.end(), weight, i);
  }
  cities_ = shuffled_indexes(seed_cities().size(), random_);
  quarters_ = shuffled_indexes(seed_quarters().size(), random_);
}

std::string SeedGoods::category(std::size_t index) const {
  const std::string name(departments_[index % departments_.size()].words->name);
  const std::size_t round = index / departments_.size();
  if (round == 0) return name;
  const std::vector<std::string_view> specialities = split(seed_specialities());
  const std::string special = std::string(specialities[(round - 1) % specialities.size()]) + ' ' + name;
  const std::size_t repeat = (round - 1) / specialities.size();
  return repeat == 0 ? special : special + ' ' + std::to_string(repeat + 1);
}

// None stays empty if there are enough products; beyond that it is a matter of luck and weight.
std::size_t SeedGoods::choose_category() {
  return products_ < categories_ ? products_ : lots_[random_.below(lots_.size())];
}

// Of all products that differ in the option alone.
SeedRandom SeedGoods::random_of(std::size_t department, const Model& model, std::size_t series,
                                std::uint64_t stream) const {
  return {random_seed_ ^ (department << 48 | series << 32 | model.good << 16 | model.brand << 8 | model.kind),
          stream};
}

std::string SeedGoods::name_of_model(std::size_t department, const Model& model, std::size_t series) const {
  SeedRandom random = random_of(department, model, series, name_stream + model.option);
  std::string name;
  if (random.one_in(2)) {
    // As many of the first two names as of the next two, the next four, and so on.
    const std::size_t octave = std::size_t{1} << random.below(17);
    name = ' ' + invented_name(octave + random.below(octave));
  }
  // Of the same brand, kind and good each series has a number of its own: its hundreds are the series.
  const std::size_t number = series * 100 + random_of(department, model, 0, number_stream).below(100);
  const std::string_view brand = departments_[department].brands[model.brand];
  const std::string_view good = departments_[department].words->goods[model.good].name;
  name += {' ', brand.front(), good.front()};
  return name + std::to_string(100 + number);
}

// Models that differ in the option alone start from the same price, so that two pounds never cost less than
// one.
Money SeedGoods::price_of(std::size_t department, const Model& model, std::size_t series) const {
  SeedRandom random = random_of(department, model, series, price_stream);
  const SeedGood& good = departments_[department].words->goods[model.good];
  const auto span = static_cast<std::size_t>(good.dearest - good.cheapest) * 100 + 1;
  const std::size_t above = std::min(random.below(span), random.below(span));  // most things are cheap
  const std::int64_t base = good.cheapest * std::int64_t{100} + static_cast<std::int64_t>(above);
  return shop_price(base * good.options[model.option].percent / 100, random.below(4));
}

SeedProduct SeedGoods::next_product() {
  const std::size_t category = choose_category();
  const std::size_t department_index = category % departments_.size();
  Department& department = departments_[department_index];
  const Model& model = department.models[department.made % department.models.size()];
  const std::size_t series = department.made / department.models.size();
  ++department.made;
  ++products_;

  const SeedGood& good = department.words->goods[model.good];
  std::string title(department.brands[model.brand]);
  title += ' ';
  title += department.kinds[model.good][model.kind];
  title += ' ';
  title += good.name;
  if (series > 0 || products_ > kPlainProducts) title += name_of_model(department_index, model, series);
  title += ", ";
  title += good.options[model.option].name;

  const std::size_t remarks = department.remarks.size();
  const std::size_t first = random_.below(remarks);
  const std::size_t second = (first + 1 + random_.below(remarks - 1)) % remarks;
  std::string description(good.sentence);
  description += ' ';
  description += department.remarks[first];
  description += ' ';
  description += department.remarks[second];

  std::string number = std::to_string(products_);
  number.insert(0, number.size() < 5 ? 5 - number.size() : 0, '0');
  return {.category = category,
          .sku = std::string(department.words->code) + '-' + number,
          .title = std::move(title),
          .description = std::move(description),
          .price = price_of(department_index, model, series)};
}

// Every city gets its first store before any gets a second.
SeedStore SeedGoods::next_store() {
  const std::size_t of_city = stores_ / cities_.size();
  const std::size_t place = stores_ % cities_.size();
  const SeedCity& city = seed_cities()[cities_[place]];
  const SeedQuarter& quarter = seed_quarters()[quarters_[(of_city + place) % quarters_.size()]];
  const std::size_t repeat = of_city / quarters_.size();
  ++stores_;
  std::string name = std::string(city.name) + ' ' + std::string(quarter.name);
  if (repeat > 0) name += ' ' + std::to_string(repeat + 1);
  return {.name = std::move(name),
          .location = std::to_string(1 + random_.below(120)) + ' ' + std::string(quarter.street) + ", " +
                      std::string(city.name) + ", " + std::string(city.country)};
}

}  // namespace aforro::seed

// Named parameters (of a query string, of a command) read strictly: unknown names, repeats and values without
// meaning are collected as faults, so that all are reported at once. Not for use by several threads.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.h"
#include "base/problem.h"

namespace aforro {

using ParameterList = std::vector<std::pair<std::string, std::string>>;

class ParameterReader {
 public:
  // Notes a fault for each given name that is not known (naming the nearest that is), given twice though not
  // repeatable, or whose value is broken UTF-8. Names that begin with `_` or `utm_`, those of other trackers
  // and `format=json` are passed over; an empty value counts as absent. `given` must outlive the reader.
  ParameterReader(const ParameterList& given, std::initializer_list<std::string_view> known,
                  std::initializer_list<std::string_view> repeatable = {});

  // Each returns nothing if the parameter is absent or has a fault.
  std::optional<std::string_view> text(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  std::optional<std::int64_t> whole_number(std::string_view name, std::int64_t min, std::int64_t max);
  // More than `max` counts as `max`.
  std::optional<std::int64_t> limit(std::string_view name, std::int64_t max);
  std::optional<Money> price(std::string_view name);

  void fault(std::string_view name, std::string_view detail);
  bool has_fault(std::string_view name) const;

  // Throws Problem (invalid) with all faults, if there are any.
  void finish();

 private:
  const ParameterList& given_;
  Faults faults_;
};

}  // namespace aforro

#include "base/parameters.h"

#include <algorithm>
#include <limits>

#include "base/foreign_names.h"
#include "base/numbers.h"
#include "base/shorten.h"
#include "base/text.h"

namespace aforro {
namespace {

// What trackers and tools put into any address.
bool is_ignored(std::string_view name, std::string_view value) {
  return name.starts_with('_') || name.starts_with("utm_") || name == "fbclid" || name == "gclid" ||
         name == "msclkid" || (name == "format" && value == "json");
}

constexpr std::size_t kMaxShownBytes = 64;

Fault unknown_name(std::string_view name, std::span<const std::string_view> known) {
  std::string detail = "is not known here";
  if (const auto nearest = meant_name(name, known)) {
    detail += "; did you mean " + std::string(*nearest) + "?";
  }
  return {Fault::In::query,
          is_valid_utf8(name) ? shortened(name, kMaxShownBytes) : std::string("(unreadable)"),
          std::move(detail)};
}

}  // namespace

ParameterReader::ParameterReader(const ParameterList& given, std::initializer_list<std::string_view> known,
                                 std::initializer_list<std::string_view> repeatable)
    : given_(given) {
  std::vector<bool> was_seen(known.size());
  for (const auto& [name, value] : given) {
    if (is_ignored(name, value)) continue;
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) {
      faults_.add([&, &unknown = name] { return unknown_name(unknown, {known.begin(), known.size()}); });
      continue;
    }
    if (value.empty()) continue;
    const auto place = static_cast<std::size_t>(found - known.begin());
    if (was_seen[place]) {
      const bool may_repeat = std::find(repeatable.begin(), repeatable.end(), name) != repeatable.end();
      if (!may_repeat) fault(name, "must be given once only");
    }
    was_seen[place] = true;
    if (!is_valid_utf8(value)) fault(name, "must be valid UTF-8");
  }
}

std::optional<std::string_view> ParameterReader::text(std::string_view name) const {
  const std::vector<std::string_view> values = all(name);
  if (values.size() != 1) return std::nullopt;
  return values.front();
}

std::vector<std::string_view> ParameterReader::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [given_name, value] : given_) {
    if (given_name == name && !value.empty() && is_valid_utf8(value)) values.emplace_back(value);
  }
  return values;
}

std::optional<std::int64_t> ParameterReader::whole_number(std::string_view name, std::int64_t min,
                                                          std::int64_t max) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto number = parse_whole_number(*given, min, max);
  if (!number) {
    fault(name, max == std::numeric_limits<std::int64_t>::max()
                    ? "must be a whole number of at least " + std::to_string(min)
                    : "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return number;
}

std::optional<std::int64_t> ParameterReader::limit(std::string_view name, std::int64_t max) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const bool is_digits =
      std::all_of(given->begin(), given->end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto number = parse_whole_number(*given, 1, std::numeric_limits<std::int64_t>::max());
  if (number) return std::min(*number, max);
  if (is_digits && given->find_first_not_of('0') != std::string_view::npos) return max;  // past 64 bits
  fault(name, "must be a whole number of at least 1");
  return std::nullopt;
}

std::optional<Money> ParameterReader::price(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto price = Money::parse_price(*given);
  if (!price) fault(name, "must be a price from 0 to 9999999.99 with at most two decimals");
  return price;
}

void ParameterReader::fault(std::string_view name, std::string_view detail) {
  faults_.add(Fault::In::query, name, detail);
}

bool ParameterReader::has_fault(std::string_view name) const {
  const std::vector<Fault>& listed = faults_.listed();
  return std::any_of(listed.begin(), listed.end(), [&](const Fault& fault) { return fault.where == name; });
}

void ParameterReader::finish() {
  if (!faults_.empty()) throw Problem::invalid(std::move(faults_));
}

}  // namespace aforro

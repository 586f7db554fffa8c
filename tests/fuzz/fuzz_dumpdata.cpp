// Any bytes are read to their end or refused by a Problem, however they come in pieces; what is read keeps
// within its bounds, and is what a reader of the whole text finds. Its values are taken for keys, times,
// prices and texts without harm.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "base/text.h"
#include "django/dump_reader.h"
#include "django/values.h"
#include "fuzz.h"

namespace {

using aforro::fuzz::require;
namespace django = aforro::django;

// What was read before the end, or the refusal.
struct Read {
  std::vector<std::string> objects;
  bool is_refused = false;
  friend bool operator==(const Read&, const Read&) = default;
};

void check_value(std::string_view value) {
  require(aforro::is_valid_utf8(value));
  require(django::shown_key(django::key_of(value)) == value);
  if (const auto amount = django::parse_amount(value)) require(amount->minor >= -1'000'000'000'000'001);
  django::parse_quantity(value);
  django::parse_time(value);
  django::parse_flag(value);
  const auto clean = django::clean_text(value, 20, django::Lines::one);
  require(!aforro::text_fault(clean.text, 0, 20));
  require(!clean.is_cut || aforro::count_characters(clean.text) <= 20);
}

std::string described(const django::DumpObject& object) {
  std::string text = object.model + '\0' + object.key.value_or("\x01");
  require(object.fields.size() <= django::kMaxDumpFields);
  for (const django::DumpField& field : object.fields) {
    if (field.value) check_value(*field.value);
    text += '\0' + field.name + '\0' + field.value.value_or("\x01");
  }
  return text;
}

Read read(std::string_view text, std::size_t piece) {
  Read result;
  const auto some = [&](std::span<char> buffer) {
    const std::size_t got = std::min({piece, text.size(), buffer.size()});
    std::copy_n(text.begin(), got, buffer.begin());
    text.remove_prefix(got);
    return got;
  };
  try {
    django::read_dump_objects(
        some, [&](django::DumpObject& object) { result.objects.push_back(described(object)); });
  } catch (const aforro::Problem& problem) {
    require(!problem.detail().empty() && aforro::is_valid_utf8(problem.detail()));
    result.is_refused = true;
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = aforro::fuzz::text_of(data, size);
  const Read whole = read(text, 1 << 16);
  require(read(text, 1) == whole);
  if (whole.is_refused) return 0;
  const auto tree = nlohmann::json::parse(text, nullptr, false);
  require(tree.is_array() && tree.size() == whole.objects.size());
  return 0;
}

// Text of any language: what is folded or normalized is so once and for all, words do not depend on which of
// these was done before, and validity is what another library takes it for.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/text.h"
#include "fuzz.h"

namespace {

using namespace aforro;  // NOLINT: all of base/text.h
using fuzz::require;

bool json_takes(std::string_view text) {
  try {
    return !nlohmann::json(std::string(text)).dump().empty();
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

void check_folding(std::string_view text) {
  const std::string folded = fold(text);
  require(is_valid_utf8(folded));
  require(fold(folded) == folded);
  require(trim(folded) == folded);
  require(folded.find("  ") == std::string::npos);
  require(std::none_of(folded.begin(), folded.end(), [](char c) { return c >= 0 && c < ' '; }));
  require(fold(normalize(text)) == folded);
  require(normalize(folded) == folded);

  const std::vector<std::string> found = words(text);
  require(words(folded) == found);
  require(words(normalize(text)) == found);
  require(words(join_words(text)) == found);
  for (const std::string& word : found) {
    require(!word.empty() && word.find(' ') == std::string::npos);
    require(words(word) == std::vector<std::string>{word});
  }
}

void check_storing(std::string_view text) {
  const std::string normal = normalize(text);
  require(is_valid_utf8(normal));
  require(normalize(normal) == normal);
  require(count_characters(text) <= text.size());
  require(count_typed_characters(text) <= count_characters(normalize(text)));
  require(join_pairs(text) == join_pairs(fold(text)));
  const auto fault = text_fault(text, 1, 50);
  require(fault.has_value() == text_fault(normal, 1, 50).has_value());
  if (!fault) require(count_characters(normal) >= 1 && count_characters(normal) <= 50);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);

  const std::string_view trimmed = trim(text);
  require(trim(trimmed) == trimmed);
  require(text.find(trimmed) != std::string_view::npos);
  static constexpr std::array<std::string_view, 3> kNames = {"min_price", "max_price", "q"};
  if (const auto nearest = nearest_name(text, kNames)) {
    require(std::find(kNames.begin(), kNames.end(), *nearest) != kNames.end());
  }

  require(is_valid_utf8(text) == json_takes(text));
  if (!is_valid_utf8(text)) {
    require(text_fault(text, 0, size).has_value());
    return 0;
  }
  check_folding(text);
  check_storing(text);
  return 0;
}

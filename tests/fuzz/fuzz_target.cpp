// Targets and percent signs: what is encoded is decoded to the same, and parameters that are written into a
// target are read back in order.
#include <string>
#include <string_view>

#include "base/percent_encoding.h"
#include "fuzz.h"
#include "http/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aforro::http;  // NOLINT: all of message.h
  using aforro::fuzz::require;
  const std::string_view text = aforro::fuzz::text_of(data, size);

  const std::string encoded = aforro::percent_encode(text);
  require(encoded.find_first_of(" &=?#/+\r\n\"<>") == std::string::npos);
  require(aforro::percent_decode(encoded) == text);
  require(aforro::percent_decode(text).size() <= size);

  std::string path;
  aforro::ParameterList query;
  parse_target(text, path, query);
  require(path.size() <= size && text.starts_with(path));
  require(path.find_first_of("?#") == std::string::npos);

  std::string written = path;
  for (const auto& [name, value] : query) {
    written += written.size() == path.size() ? '?' : '&';
    written += aforro::percent_encode(name) + '=' + aforro::percent_encode(value);
  }
  std::string path_again;
  aforro::ParameterList query_again;
  parse_target(written, path_again, query_again);
  require(path_again == path && query_again == query);
  return 0;
}

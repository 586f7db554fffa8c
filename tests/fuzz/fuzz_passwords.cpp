// Whatever a password without blanks is, nothing of it is left in the address that a message quotes; and any
// text comes through.
#include <string>
#include <string_view>

#include "base/passwords.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using aforro::fuzz::require;
  const std::string_view text = aforro::fuzz::text_of(data, size);
  const std::string shown = aforro::without_passwords(text);
  require(shown.size() <= 3 * text.size());
  if (text.find_first_of(":=%") == std::string_view::npos) require(shown == text);
  if (text.empty() || text.find_first_of(" \t\r\n%") != std::string_view::npos) return 0;
  std::string quoted = "can't open a://u:";
  quoted += text;
  quoted += "@host/name";
  const std::string hidden = aforro::without_passwords(quoted);
  // More may be hidden, if the password looks like a name with a value.
  require(hidden == "can't open a://u:***@host/name" || hidden == "can't open a://u:***");
  return 0;
}

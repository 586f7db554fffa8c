// Cookies: what is found stands in the header, and one that was set is found again among whatever else there
// is.
#include <stdexcept>
#include <string>
#include <string_view>

#include "fuzz.h"
#include "http/cookies.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aforro::http;  // NOLINT: most of it
  using aforro::fuzz::require;
  const std::string_view text = aforro::fuzz::text_of(data, size);
  const std::string_view name = text.substr(0, text.find(';'));
  const HeaderList headers{{"Cookie", std::string(text)}};
  if (const auto found = find_cookie(headers, name)) {
    require(text.find(*found) != std::string_view::npos);
    require(found->find(';') == std::string_view::npos);
  }

  Response response;
  try {
    add_cookie(response, {.name = "s", .value = std::string(text)});
  } catch (const std::invalid_argument&) {
    return 0;
  }
  const std::string_view set = *find_header(response.headers, "Set-Cookie");
  require(set.find_first_of("\r\n") == std::string_view::npos);
  const std::string sent(set.substr(0, set.find(';')));
  require(find_cookie({{"Cookie", "t=1; " + sent + "; u=2"}}, "s") == text);
  return 0;
}

// Forms: what is written is read back in order, and never more than the bound.
#include <string>
#include <string_view>

#include "base/percent_encoding.h"
#include "fuzz.h"
#include "http/form.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using aforro::fuzz::require;
  using aforro::http::parse_form;
  const std::string_view text = aforro::fuzz::text_of(data, size);
  try {
    const aforro::ParameterList fields = parse_form(text);
    require(fields.size() <= aforro::http::kMaxFormFields);
    std::string written;
    std::size_t bytes = 0;
    for (const auto& [name, value] : fields) {
      written +=
          (written.empty() ? "" : "&") + aforro::percent_encode(name) + '=' + aforro::percent_encode(value);
      bytes += name.size() + value.size();
    }
    require(bytes <= size);
    require(parse_form(written) == fields);
  } catch (const aforro::Problem& problem) {
    require(problem.kind() == aforro::Problem::Kind::invalid && size >= aforro::http::kMaxFormFields);
  }
  return 0;
}

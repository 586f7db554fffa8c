#include "app/number_option.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "app/commands.h"
#include "base/numbers.h"

namespace aforro::app {

CLI::Option* add_number(CLI::App& command, const std::string& name, const NumberRange& range,
                        const std::string& description, std::function<void(std::int64_t)> take) {
  const auto read = [name, range, take = std::move(take)](const std::string& text) {
    const auto number = parse_whole_number(text, range.min, range.max);
    if (!number) {
      throw wrong_usage(name + " must be a whole number of at least " + std::to_string(range.min) +
                        (range.max == shop::kMaxId ? "" : " and at most " + std::to_string(range.max)));
    }
    take(*number);
  };
  return command.add_option_function<std::string>(name, read, description)->type_name("N");
}

}  // namespace aforro::app

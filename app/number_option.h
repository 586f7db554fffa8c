// Options and arguments that are whole numbers, read strictly: the parser's own numbers may be octal, signed
// or past 64 bits without a word.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <functional>
#include <string>

#include "shop/types.h"

namespace aforro::app {

struct NumberRange {
  std::int64_t min;
  std::int64_t max = shop::kMaxId;
};

// `name` is "--limit", or "STORE" for an argument. What is not in the range is wrong usage.
CLI::Option* add_number(CLI::App& command, const std::string& name, const NumberRange& range,
                        const std::string& description, std::function<void(std::int64_t)> take);

// The same into a variable, which must live as long as the command.
template <class Number>
CLI::Option* add_number(CLI::App& command, const std::string& name, const NumberRange& range,
                        const std::string& description, Number& number) {
  return add_number(command, name, range, description,
                    [&number](std::int64_t given) { number = static_cast<Number>(given); });
}

}  // namespace aforro::app

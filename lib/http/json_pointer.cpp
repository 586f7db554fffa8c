#include "http/json_pointer.h"

#include <numeric>

#include "base/faults.h"
#include "base/shorten.h"

namespace aforro::http {
namespace {

constexpr std::size_t kMaxStepBytes = 128;  // without the slash
static_assert(2 * (kMaxStepBytes + 1) < Faults::kMaxWhereBytes);

std::size_t bytes_of(char c) { return c == '~' || c == '/' ? 2 : json_bytes(c); }

std::string escaped(std::string_view name) {
  std::string step = "/";
  for (const char c : name) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

}  // namespace

std::string pointer_step(std::string_view name) {
  if (fitting_beginning(name, kMaxStepBytes, &bytes_of) == name) return escaped(name);
  return escaped(fitting_beginning(name, kMaxStepBytes - kCutMark.size(), &bytes_of)) += kCutMark;
}

std::string json_pointer(std::span<const std::string> steps) {
  const std::size_t bytes =
      std::accumulate(steps.begin(), steps.end(), std::size_t{0},
                      [](std::size_t sum, const std::string& step) { return sum + json_bytes(step); });
  std::string pointer;
  if (bytes <= Faults::kMaxWhereBytes) {
    for (const std::string& step : steps) pointer += step;
    return pointer;
  }
  const std::string end = "/" + std::string(kCutMark) + steps.back();
  std::size_t left = Faults::kMaxWhereBytes - json_bytes(end);
  for (const std::string& step : steps) {
    if (json_bytes(step) > left) break;
    left -= json_bytes(step);
    pointer += step;
  }
  return pointer + end;
}

}  // namespace aforro::http

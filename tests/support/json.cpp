#include "support/json.h"

#include <nlohmann/json.hpp>

namespace aforro::test {

using nlohmann::json;

json parse(std::string_view text) {
  try {
    return json::parse(text);
  } catch (const json::parse_error& error) {
    throw std::runtime_error(std::string(error.what()) + " in: " + std::string(text.substr(0, 500)));
  }
}

json parse(const HttpResponse& response) { return parse(response.body); }

std::vector<std::string> texts(const json& list, const char* member) {
  std::vector<std::string> result;
  for (const json& entry : list) result.push_back(entry.at(member).get<std::string>());
  return result;
}

std::vector<std::int64_t> numbers(const json& list, const char* member) {
  std::vector<std::int64_t> result;
  for (const json& entry : list) result.push_back(entry.at(member).get<std::int64_t>());
  return result;
}

std::vector<std::string> names(const json& object) {
  std::vector<std::string> result;
  for (const auto& [name, value] : object.items()) result.push_back(name);
  return result;
}

}  // namespace aforro::test

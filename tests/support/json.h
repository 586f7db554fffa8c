// Answers and outputs read as JSON. Include <nlohmann/json.hpp> in the .cpp that looks into it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/http_client.h"

namespace aforro::test {

// Throws if the text, or the body, is not exactly one JSON document.
nlohmann::json parse(std::string_view text);
nlohmann::json parse(const HttpResponse& response);

// That member of every object of a list, in order.
std::vector<std::string> texts(const nlohmann::json& list, const char* member);
std::vector<std::int64_t> numbers(const nlohmann::json& list, const char* member);

// The names of an object's members, sorted.
std::vector<std::string> names(const nlohmann::json& object);

}  // namespace aforro::test

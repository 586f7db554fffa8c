// A body that is accepted is what another reader of JSON makes of it; one that is refused is no JSON for that
// reader, or breaks a rule that is ours: no NUL behind it, no key twice, no depth past 64.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "../support/body_tree.h"
#include "base/shorten.h"
#include "base/text.h"
#include "fuzz.h"
#include "http/json_body.h"
#include "http/problem_document.h"

namespace {

using namespace aforro;  // NOLINT: of several parts
using fuzz::require;
using nlohmann::json;

int depth_of(const json& value) {
  int deepest = 0;
  if (!value.is_structured()) return 0;
  for (const json& inside : value) deepest = std::max(deepest, depth_of(inside));
  return deepest + 1;
}

// Every object of the text has as many keys as its tree, so none was given twice.
bool has_repeated_key(const std::string& body) {
  std::vector<std::vector<std::string>> open;
  bool is_repeated = false;
  const json::parser_callback_t watch = [&](int, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end) open.pop_back();
    if (event == json::parse_event_t::key) {
      auto& keys = open.back();
      const auto& key = value.get_ref<const std::string&>();
      is_repeated = is_repeated || std::find(keys.begin(), keys.end(), key) != keys.end();
      keys.push_back(key);
    }
    return true;
  };
  return json::parse(body, watch, false).is_discarded() || is_repeated;
}

// A number that the other reader cannot hold is one for us.
bool is_json(const std::string& body) {
  try {
    static_cast<void>(json::parse(body));
    return true;
  } catch (const json::out_of_range&) {
    return true;
  } catch (const json::parse_error&) {
    return false;
  }
}

void check_faults(const Problem& problem) {
  require(problem.kind() == Problem::Kind::invalid && !problem.faults().empty());
  require(problem.faults().listed().size() <= Faults::kMaxListed);
  const auto answer = http::problem_response(problem, "id").body;
  require(answer->size() <= http::kMaxRefusalBytes);
  const auto document = json::parse(*answer);
  require(document["errors"].size() == problem.faults().listed().size());
  require(document.value("more_errors", std::size_t{0}) == problem.faults().more());
  for (const json& error : document["errors"]) {
    const std::string pointer = error["pointer"];
    require(is_valid_utf8(pointer) && (pointer.empty() || pointer.front() == '/'));
    require(json_bytes(pointer) <= Faults::kMaxWhereBytes);
    require(!json::json_pointer(pointer).to_string().empty() || pointer.empty());  // its form is right
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  http::Request request;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = fuzz::text_of(data, size);
  const bool has_nul = request.body.find('\0') != std::string::npos;
  try {
    http::JsonBody reader(request);
    const json body = test::take_tree(reader);
    reader.finish();
    require(!has_nul && is_json(request.body));
    if (json::accept(request.body))
      require(json::parse(request.body) == body && !has_repeated_key(request.body));
    require(depth_of(body) <= static_cast<int>(http::kMaxJsonDepth));
    require(json::accept(body.dump()));  // all of its texts are UTF-8
  } catch (const Problem& problem) {
    require(problem.kind() == Problem::Kind::invalid);
    if (problem.faults().empty()) {  // the body as a whole
      if (!has_nul && json::accept(request.body))
        require(depth_of(json::parse(request.body)) > static_cast<int>(http::kMaxJsonDepth));
      return 0;
    }
    check_faults(problem);
    require(!has_nul && is_json(request.body) && has_repeated_key(request.body));
  }
  return 0;
}

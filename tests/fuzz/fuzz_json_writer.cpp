// What the writer writes, another library reads as the same values. The input says what to write, a command a
// byte.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/text.h"
#include "fuzz.h"

namespace {

using aforro::JsonWriter;
using aforro::fuzz::require;
using nlohmann::json;

constexpr int kMaxDepth = 20;

class Script {
 public:
  explicit Script(std::string_view bytes) : bytes_(bytes) {}

  bool at_end() const { return bytes_.empty(); }
  unsigned next() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }
  // Valid UTF-8, whatever comes.
  std::string text() {
    std::string taken(bytes_.substr(0, next() % 16));
    bytes_.remove_prefix(std::min(taken.size(), bytes_.size()));
    while (!aforro::is_valid_utf8(taken)) taken.pop_back();
    return taken;
  }
  std::int64_t number() {
    std::uint64_t value = 0;
    for (unsigned left = next() % 9; left > 0; --left) value = value << 8 | next();
    return static_cast<std::int64_t>(value);
  }

 private:
  std::string_view bytes_;
};

json write_value(JsonWriter& writer, Script& script, int depth);

json write_object(JsonWriter& writer, Script& script, int depth) {
  json object = json::object();
  writer.begin_object();
  while (!script.at_end() && script.next() % 4 != 0) {
    const std::string name = script.text();
    writer.key(name);
    object[name] = write_value(writer, script, depth);
  }
  writer.end_object();
  return object;
}

json write_array(JsonWriter& writer, Script& script, int depth) {
  json array = json::array();
  writer.begin_array();
  while (!script.at_end() && script.next() % 4 != 0) array.push_back(write_value(writer, script, depth));
  writer.end_array();
  return array;
}

json write_value(JsonWriter& writer, Script& script, int depth) {
  switch (script.next() % 7) {
    case 0: {
      const std::int64_t number = script.number();
      writer.number(number);
      return number;
    }
    case 1: {
      const std::string text = script.text();
      writer.string(text);
      return text;
    }
    case 2: {
      const bool value = script.next() % 2 == 0;
      writer.boolean(value);
      return value;
    }
    case 3: {
      const json value = {{script.text(), nullptr}};
      writer.raw(value.dump());
      return value;
    }
    case 4:
      if (depth < kMaxDepth) return write_object(writer, script, depth + 1);
      break;
    case 5:
      if (depth < kMaxDepth) return write_array(writer, script, depth + 1);
      break;
    default:
      break;
  }
  writer.null();
  return nullptr;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script(aforro::fuzz::text_of(data, size));
  JsonWriter writer;
  const json expected = write_value(writer, script, 0);
  const std::string written = writer.take();
  require(json::accept(written));
  require(json::parse(written) == expected);
  require(written.find('\n') == std::string::npos);
  require(writer.text().empty());
  return 0;
}

// Writes one JSON document (RFC 8259) into a string, in the order of the calls, without a tree between.
// Strings must be valid UTF-8. Misuse (a value without its key, an unclosed list) asserts. One thread at a
// time.
//
//   JsonWriter json;
//   json.begin_object().key("id").number(7).key("items").begin_array().end_array().end_object();
//   send(json.take());
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aforro {

class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& string(std::string_view text);
  JsonWriter& number(std::int64_t value);
  JsonWriter& boolean(bool value);  // NOLINT: a JSON boolean is one
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // a complete JSON value, taken as it is

  // The document; the writer is empty afterwards.
  std::string take();
  const std::string& text() const { return text_; }

 private:
  void before_value();

  std::string text_;
  std::string open_;          // '{' and '[' not yet closed
  bool needs_comma_ = false;  // a value stands before, in the innermost
  bool after_key_ = false;
};

// Text as the inside of a JSON string, with its quotes.
void append_json_string(std::string& to, std::string_view text);

}  // namespace aforro

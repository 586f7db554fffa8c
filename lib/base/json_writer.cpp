#include "base/json_writer.h"

#include <array>
#include <cassert>
#include <charconv>
#include <utility>

namespace aforro {

void append_json_string(std::string& to, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  to += '"';
  std::size_t plain_from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    to.append(text, plain_from, i - plain_from);
    plain_from = i + 1;
    to += '\\';
    switch (c) {
      case '"':
      case '\\':
        to += c;
        break;
      case '\n':
        to += 'n';
        break;
      case '\r':
        to += 'r';
        break;
      case '\t':
        to += 't';
        break;
      default:
        to += "u00";
        to += kHex[c >> 4];
        to += kHex[c & 15];
    }
  }
  to.append(text, plain_from);
  to += '"';
}

void JsonWriter::before_value() {
  assert((open_.empty() || open_.back() == '[' || after_key_) && "a value in an object needs its key");
  assert((!open_.empty() || text_.empty()) && "a document is one value");
  if (needs_comma_ && !after_key_) text_ += ',';
  needs_comma_ = true;
  after_key_ = false;
}

JsonWriter& JsonWriter::begin_object() {
  before_value();
  text_ += '{';
  open_ += '{';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  assert(!open_.empty() && open_.back() == '{' && !after_key_);
  text_ += '}';
  open_.pop_back();
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  before_value();
  text_ += '[';
  open_ += '[';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  assert(!open_.empty() && open_.back() == '[');
  text_ += ']';
  open_.pop_back();
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  assert(!open_.empty() && open_.back() == '{' && !after_key_);
  if (needs_comma_) text_ += ',';
  append_json_string(text_, name);
  text_ += ':';
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  before_value();
  append_json_string(text_, text);
  return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
  before_value();
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text_.append(digits.data(), end);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  before_value();
  text_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  before_value();
  text_ += "null";
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  before_value();
  text_ += json;
  return *this;
}

std::string JsonWriter::take() {
  assert(open_.empty() && !after_key_);
  needs_comma_ = false;
  return std::exchange(text_, {});
}

}  // namespace aforro

#include "http/json_body.h"

#include <nlohmann/json.hpp>

#include "http/fields.h"
#include "http/problem_document.h"

namespace aforro::http {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxStepBytes = 128;

bool is_json_type(std::string_view content_type) {
  return same_word(trim_blanks(content_type.substr(0, content_type.find(';'))), "application/json");
}

// Builds the tree from the parser's events, which is where a key that comes twice can still be seen. A number
// that does not fit 64 bits arrives as a floating-point one, so nobody takes it for a whole number.
class TreeBuilder final : public nlohmann::json_sax<json> {
 public:
  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return open(json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*size*/) override { return open(json::array()); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (open_.back()->contains(name)) {
      faults_.push_back({Fault::In::body, pointer() + pointer_step(name), "must be given once only"});
    }
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const json::exception& error) override {
    constexpr int kNumberOverflow = 406;
    // "1e400" is JSON, but nobody can hold it; the library reads no further.
    has_huge_number_ = error.id == kNumberOverflow;
    if (has_huge_number_)
      faults_.push_back({Fault::In::body, pointer() + next_step(), "must be a smaller number"});
    return false;
  }

  bool is_too_deep() const { return is_too_deep_; }
  bool has_huge_number() const { return has_huge_number_; }
  std::vector<Fault>& faults() { return faults_; }
  json take() { return std::move(root_); }

 private:
  json* place(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    json& slot = parent[key_];
    slot = std::move(value);
    return &slot;
  }

  bool add(json value) {
    place(std::move(value));
    return true;
  }

  bool open(json container) {
    is_too_deep_ = open_.size() >= kMaxJsonDepth;
    if (is_too_deep_) return false;
    names_.push_back(next_step());
    open_.push_back(place(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    names_.pop_back();
    return true;
  }

  // The step from the innermost container to the value that comes next.
  std::string next_step() const {
    if (open_.empty()) return {};
    return open_.back()->is_array() ? '/' + std::to_string(open_.back()->size()) : pointer_step(key_);
  }

  std::string pointer() const {
    std::string text;
    for (const std::string& name : names_) text += name;
    return text;
  }

  json root_;
  // A container does not move while it is open: its parent only grows again once it is closed.
  std::vector<json*> open_;
  std::vector<std::string> names_;
  std::string key_;
  std::vector<Fault> faults_;
  bool is_too_deep_ = false;
  bool has_huge_number_ = false;
};

}  // namespace

std::string pointer_step(std::string_view name) {
  if (name.size() > kMaxStepBytes) {
    std::size_t end = kMaxStepBytes;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80)
      --end;  // not within a character
    name = name.substr(0, end);
  }
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

json parse_json_body(const Request& request) {
  if (!is_json_type(request.header("Content-Type").value_or(""))) {
    throw HttpError(415, "The body needs the header Content-Type: application/json.");
  }
  if (const auto coding = request.header("Content-Encoding"); coding && !same_word(*coding, "identity")) {
    throw HttpError(415, "The body must not be packed: Content-Encoding is not understood here.");
  }
  TreeBuilder builder;
  // The library takes a NUL for the end, and would pass over what follows.
  const bool has_nul = request.body.find('\0') != std::string::npos;
  const bool is_json = !has_nul && json::sax_parse(request.body, &builder);
  if (!is_json && !builder.has_huge_number()) {
    throw HttpError(400, builder.is_too_deep()  ? "The body is nested more than 64 levels deep."
                         : request.body.empty() ? "The body is empty; it must be JSON."
                                                : "The body is not valid JSON in UTF-8.");
  }
  if (!builder.faults().empty()) throw Problem::invalid(std::move(builder.faults()));
  return builder.take();
}

}  // namespace aforro::http

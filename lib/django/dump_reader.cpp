// The JSON library reads by events (SAX) from iterators, and calls back for each value: so what is held is
// one object. It has no bound of its own for the length of one text, so the iterator counts the bytes since
// the last event. What an object has besides its three members, and what is inside of lists and objects among
// its fields, is passed over.
#include "django/dump_reader.h"

#include <array>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/problem.h"
#include "base/text.h"

namespace aforro::django {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw Problem(Problem::Kind::invalid, why); }

// The bytes of the dump, some at a time.
class Bytes {
 public:
  explicit Bytes(ReadBytes read) : read_(read) { fill(); }

  // As many as came first.
  std::string_view head() const { return {buffer_.data(), got_}; }
  bool is_at_end() const { return got_ == 0; }
  char current() const { return buffer_[at_]; }
  void next() {
    if (++since_value_ > kMaxDumpValueBytes) {
      refuse("the dump has a value of more than " + std::to_string(kMaxDumpValueBytes) + " bytes, at byte " +
             std::to_string(position()));
    }
    if (++at_ == got_) fill();
  }

  std::uint64_t position() const { return before_ + at_; }
  void value_is_read() { since_value_ = 0; }

 private:
  void fill() {
    before_ += got_;
    at_ = 0;
    got_ = read_(buffer_);
  }

  const ReadBytes read_;
  std::array<char, std::size_t{64} * 1024> buffer_{};
  std::size_t at_ = 0;
  std::size_t got_ = 0;
  std::uint64_t before_ = 0;
  std::uint64_t since_value_ = 0;
};

// What a dump has become on its way, told by its first bytes: what the parser would say of it helps nobody.
void refuse_other_forms(std::string_view head) {
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF")) {
    refuse(
        "the dump is in UTF-16, as PowerShell's > writes it; have Django write it itself, by"
        " `manage.py dumpdata --output dump.json`");
  }
  for (const std::string_view magic : {"\x1F\x8B", "BZh", "\xFD\x37\x7A\x58\x5A", "PK\x03\x04"}) {
    if (!head.starts_with(magic)) continue;
    refuse("the dump is compressed; unpack it, as in `gunzip -c dump.json.gz | aforro import django -`");
  }
}

// An input iterator over them; the end is one of no bytes.
class ByteIterator {
 public:
  using difference_type = std::ptrdiff_t;
  using value_type = char;
  using pointer = const char*;
  using reference = char;
  using iterator_category = std::input_iterator_tag;

  ByteIterator() = default;
  explicit ByteIterator(Bytes& bytes) : bytes_(&bytes) {}

  char operator*() const { return bytes_->current(); }
  ByteIterator& operator++() {
    bytes_->next();
    return *this;
  }
  ByteIterator operator++(int) {
    ByteIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const ByteIterator& a, const ByteIterator& b) {
    return a.is_at_end() == b.is_at_end();
  }
  friend bool operator!=(const ByteIterator& a, const ByteIterator& b) { return !(a == b); }

 private:
  bool is_at_end() const { return bytes_ == nullptr || bytes_->is_at_end(); }

  Bytes* bytes_ = nullptr;
};

// What the library calls back. Depths: 1 in the list, 2 in an object of it, 3 in its fields.
class Events {  // NOLINT: the names are the library's
 public:
  Events(Bytes& bytes, FunctionRef<void(DumpObject&)> visit) : bytes_(bytes), visit_(visit) {}

  bool null() { return value(std::nullopt); }
  bool boolean(bool value_) { return value(value_ ? "true" : "false"); }  // NOLINT: the library's
  bool number_integer(std::int64_t number) { return value(std::to_string(number)); }
  bool number_unsigned(std::uint64_t number) { return value(std::to_string(number)); }
  bool number_float(double /*number*/, const std::string& text) { return value(text); }
  bool string(std::string& text) { return value(std::move(text)); }
  bool binary(const std::vector<std::uint8_t>& /*bytes*/) { return false; }  // JSON has none

  bool start_object(std::size_t /*size*/) {
    open(Nested::object);
    if (depth_ == 1)
      refuse("the dump is no list of objects; make it with `manage.py dumpdata --format json`");
    if (depth_ == 2) {
      object_ = DumpObject();
      object_bytes_ = 0;
    }
    if (depth_ == 3) is_in_fields_ = member_ == "fields";
    return true;
  }
  bool key(std::string& name) {
    bytes_.value_is_read();
    if (depth_ == 2) {
      member_ = std::move(name);
    } else if (depth_ == 3) {
      if (is_in_fields_) require_name(name);
      field_ = std::move(name);
    }
    return true;
  }
  bool end_object() {
    if (depth_ == 2) finish();
    if (depth_ == 3) is_in_fields_ = false;
    return close();
  }
  bool start_array(std::size_t /*size*/) {
    open(Nested::list);
    if (depth_ == 2) refuse_shape();
    return true;
  }
  bool end_array() { return close(); }

  bool parse_error(std::size_t /*position*/, const std::string& token,
                   const nlohmann::json::exception& /*error*/) {
    if (bytes_.is_at_end())
      refuse("the dump ends in the middle, after " + std::to_string(bytes_.position()) + " bytes");
    refuse("the dump is no JSON at byte " + std::to_string(bytes_.position()) +
           (token.size() < 40 ? ", at " + for_terminal(token) : std::string()));
  }

 private:
  enum class Nested { list, object };
  void open(Nested nested) {
    bytes_.value_is_read();
    // Of a list or an object among the fields nothing is read.
    if (depth_ == 3 && is_in_fields_) {
      add_field(std::nullopt);
      object_.fields.back().is_list = nested == Nested::list;
    }
    if (++depth_ > kMaxDumpDepth) refuse("the dump is too deep at byte " + std::to_string(bytes_.position()));
  }

  bool close() {
    bytes_.value_is_read();
    --depth_;
    return true;
  }

  bool value(std::optional<std::string> text) {
    bytes_.value_is_read();
    if (depth_ < 2) refuse_shape();
    if (depth_ == 2 && member_ == "model") {
      object_.model = text.value_or("");
      require_name(object_.model);
    } else if (depth_ == 2 && member_ == "pk") {
      if (text) count(text->size());
      object_.key = std::move(text);
    } else if (depth_ == 3 && is_in_fields_) {
      add_field(std::move(text));
    }
    return true;
  }

  void add_field(std::optional<std::string> value) {
    if (object_.fields.size() == kMaxDumpFields) {
      refuse("an object of the dump has more than " + std::to_string(kMaxDumpFields) + " fields, at byte " +
             std::to_string(bytes_.position()));
    }
    if (value) count(value->size());
    object_.fields.push_back({.name = field_, .value = std::move(value)});
  }

  void count(std::size_t bytes) {
    object_bytes_ += bytes;
    if (object_bytes_ > kMaxDumpObjectBytes) {
      refuse("an object of the dump has more than " + std::to_string(kMaxDumpObjectBytes) +
             " bytes, at byte " + std::to_string(bytes_.position()));
    }
  }

  void require_name(const std::string& name) const {
    if (name.size() <= kMaxDumpNameBytes) return;
    refuse("a model or field of the dump has a name of more than " + std::to_string(kMaxDumpNameBytes) +
           " bytes, at byte " + std::to_string(bytes_.position()));
  }

  void finish() {
    if (object_.model.empty()) refuse_shape();
    visit_(object_);
  }

  [[noreturn]] void refuse_shape() const {
    refuse("the dump is no list of {\"model\", \"pk\", \"fields\"} at byte " +
           std::to_string(bytes_.position()) + "; make it with `manage.py dumpdata --format json`");
  }

  Bytes& bytes_;
  const FunctionRef<void(DumpObject&)> visit_;
  std::size_t depth_ = 0;
  std::string member_;
  std::string field_;
  bool is_in_fields_ = false;
  DumpObject object_;
  std::size_t object_bytes_ = 0;
};

}  // namespace

void read_dump_objects(ReadBytes read, FunctionRef<void(DumpObject&)> visit) {
  Bytes bytes(read);
  refuse_other_forms(bytes.head());
  Events events(bytes, visit);
  nlohmann::json::sax_parse(ByteIterator(bytes), ByteIterator(), &events);
}

}  // namespace aforro::django

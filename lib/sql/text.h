// The text of an SQL statement: made of literals of the program, which the compiler enforces, so that no
// input ever becomes SQL; and of the quoted names of another program's tables. Values copy freely.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aforro::sql {

class Text {
 public:
  constexpr Text() = default;
  template <std::size_t n>
  consteval Text(const char (&literal)[n]) : view_(literal, n - 1) {}  // NOLINT: meant to convert

  constexpr std::string_view view() const { return view_; }

 private:
  friend class Composed;
  explicit constexpr Text(std::string_view view) : view_(view) {}

  std::string_view view_;
};

// The name of a table or a column that another program has chosen, in quotes. Names with a character that
// could end the quotes, or be read as a parameter, can't be one.
class Name {
 public:
  static std::optional<Name> of(std::string_view name) {
    for (const char c : name) {
      if (c == '"' || c == '$' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return std::nullopt;
    }
    if (name.empty()) return std::nullopt;
    return Name('"' + std::string(name) + '"');
  }

 private:
  friend class Composed;
  explicit Name(std::string quoted) : quoted_(std::move(quoted)) {}

  std::string quoted_;
};

// Literals put together at run time, for statements whose shape depends on what is asked. Each distinct text
// is prepared on each connection, and some hundred stay so: the fewer there are, the better.
class Composed {
 public:
  explicit Composed(Text first) : text_(first.view()) {}
  Composed& operator+=(Text more) {
    text_ += more.view();
    return *this;
  }
  Composed& operator+=(const Name& name) {
    text_ += name.quoted_;
    return *this;
  }
  Composed& operator+=(const Composed& more) {
    text_ += more.text_;
    return *this;
  }
  operator Text() const { return Text(std::string_view(text_)); }  // NOLINT: valid as long as this lives

 private:
  std::string text_;
};

}  // namespace aforro::sql

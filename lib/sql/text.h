// The text of an SQL statement: made of literals of the program only, which the compiler enforces, so that no
// input ever becomes SQL. Values copy freely.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

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

// Literals put together at run time, for statements whose shape depends on what is asked. Each distinct text
// is prepared on each connection, and some hundred stay so: the fewer there are, the better.
class Composed {
 public:
  explicit Composed(Text first) : text_(first.view()) {}
  Composed& operator+=(Text more) {
    text_ += more.view();
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

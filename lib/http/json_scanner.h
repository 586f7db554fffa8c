// The grammar of JSON (RFC 8259), token by token, strictly: what is asked for is taken off the front of the
// text, or Problem (invalid) is thrown. Nothing is copied and nothing kept: tokens are parts of the text,
// which must outlive them.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace aforro::http {

enum class JsonKind { null, boolean, number, string, array, object };

class JsonScanner {
 public:
  // Throws if the text is not UTF-8. A byte order mark before it is passed over.
  explicit JsonScanner(std::string_view text);

  // The kind of the value that comes next. Throws if none does.
  JsonKind kind();

  // The number that comes next, as it stands: "-1.50e3".
  std::string_view number();
  // The string that comes next without its quotes, its escapes as they stand.
  std::string_view string();
  // `null`, `true` or `false`, as it stands.
  std::string_view word();

  // Takes that punctuation mark if it comes next.
  bool take(char mark);
  void expect(char mark);
  // Throws if anything but white space is left.
  void expect_end();

  // How many bytes were taken.
  std::size_t position() const { return at_; }

 private:
  void pass_blanks();
  char peek();  // NUL at the end: no token begins with one
  void pass_digits();
  void pass_escape();
  unsigned hex4();

  std::string_view text_;
  std::size_t at_ = 0;
};

// What a string means whose inside that is; no more than its beginning of at least `enough_bytes`.
std::string unescaped(std::string_view inside,
                      std::size_t enough_bytes = std::numeric_limits<std::size_t>::max());

}  // namespace aforro::http

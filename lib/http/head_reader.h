// The head of a request under way, line by line, so that what will never be one is noticed at once. Not for
// use by several threads.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace aforro::http {

class HeadReader {
 public:
  // Takes bytes up, at most to the end of the head, and says how many. Throws Problem
  // (invalid, target_too_long, head_too_large).
  std::size_t feed(std::string_view bytes);

  bool has_begun() const { return !head_.empty(); }
  bool is_complete() const { return is_complete_; }

  // Once complete: the head, from the request line to the empty line.
  const std::string& head() const { return head_; }

  void clear();

  std::size_t held_bytes() const { return head_.capacity(); }

 private:
  void check_size() const;
  void end_line();

  std::string head_;
  std::size_t line_at_ = 0;                // where the present line begins
  std::optional<std::size_t> headers_at_;  // once the request line is there
  bool is_complete_ = false;
};

}  // namespace aforro::http

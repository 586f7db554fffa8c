// What Redis answers, as a value, and how it is read from bytes as they come, by hiredis. What is no answer
// in the protocol (RESP2), or larger than anything that is asked for, is broken, and costs no more memory
// than the bytes that came. Used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aforro::redis {

struct Reply {
  enum class Kind { nothing, number, text, error, list };
  Kind kind = Kind::nothing;
  std::int64_t number = 0;
  std::string text = {};  // of an error: its words
  std::vector<Reply> list = {};

  bool is_error(std::string_view code) const { return kind == Kind::error && text.starts_with(code); }
};

inline constexpr std::size_t kMaxReplyBytes = std::size_t{24} * 1024 * 1024;
inline constexpr std::size_t kMaxListed = 16;  // of one list

class ReplyReader {
 public:
  enum class State { complete, incomplete, broken };

  ReplyReader() = default;
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;
  virtual ~ReplyReader() = default;

  // Takes bytes as they came.
  virtual void feed(std::string_view bytes) = 0;
  // The next answer, if it is there whole. Broken is for ever.
  virtual State next(Reply& reply) = 0;
};

// False where hiredis was not there when the program was built: then there is no reader to be made.
bool has_reader();
std::unique_ptr<ReplyReader> make_reader();

// A command as it is sent.
std::string written(std::initializer_list<std::string_view> words);

}  // namespace aforro::redis

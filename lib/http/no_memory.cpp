// An answer that must be sent when memory is gone can't allocate: no string, no JsonWriter, no Response. It
// is put together from literals and the request's id in arrays on the stack, whose sizes bound them.
#include "http/no_memory.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

namespace aforro::http {
namespace {

// The id of a request that has none yet, as there was no memory for it either.
constexpr std::string_view kNoId = "00000000000000000000000000000000";

// Text put into a buffer that is large enough.
class Bytes {
 public:
  explicit Bytes(std::span<char> buffer) : buffer_(buffer) {}

  Bytes& add(std::string_view text) {
    assert(text.size() <= buffer_.size() - size_);
    std::copy(text.begin(), text.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += text.size();
    return *this;
  }
  // Visible ASCII as it stands in JSON between quotes.
  Bytes& add_escaped(std::string_view text) {
    for (const char& c : text) {
      if (c == '"' || c == '\\') add("\\");
      add({&c, 1});
    }
    return *this;
  }
  std::string_view text() const { return {buffer_.data(), size_}; }

 private:
  std::span<char> buffer_;
  std::size_t size_ = 0;
};

}  // namespace

std::string_view no_memory_detail(std::string_view method) noexcept {
  if (method == "GET" || method == "HEAD" || method == "OPTIONS") {
    return "The server is short of memory right now; nothing was changed.";
  }
  return "The server ran out of memory on the way. What was asked for may have been done: look before asking "
         "again, or ask with the same Idempotency-Key.";
}

std::string_view no_memory_answer(const Request& request, std::span<char> buffer) noexcept {
  const std::string_view id = request.id.empty() ? kNoId : std::string_view(request.id);
  std::array<char, kNoMemoryAnswerBytes> body_bytes;
  Bytes body(body_bytes);
  body.add(R"({"type":"/problems/unavailable","title":"Unavailable for the moment","status":503,"detail":")")
      .add(no_memory_detail(request.method))
      .add(R"(","request_id":")")
      .add_escaped(id)
      .add("\"}");
  std::array<char, 8> digits{};
  const auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), body.text().size()).ptr;
  Bytes answer(buffer);
  answer.add("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n")
      .add("Content-Type: application/problem+json\r\nContent-Length: ")
      .add({digits.data(), static_cast<std::size_t>(end - digits.data())})
      .add("\r\nX-Request-Id: ")
      .add(id)
      .add("\r\n\r\n");
  if (request.method != "HEAD") answer.add(body.text());
  return answer.text();
}

}  // namespace aforro::http

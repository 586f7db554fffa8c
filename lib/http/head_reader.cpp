// Bounds are checked as bytes arrive and not when the head is complete: a head that will be refused is
// refused at its first wrong line or at its bound, instead of at the deadline, and holds no more than its
// bound meanwhile.
#include "http/head_reader.h"

#include "base/problem.h"
#include "http/fields.h"
#include "http/transport.h"

namespace aforro::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kMaxLineBytes = kMaxTargetBytes + 256;  // with method and version
constexpr std::size_t kKeptBytes = 512;                       // for the next head; most are smaller

}  // namespace

std::size_t HeadReader::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !is_complete_) {
    const std::size_t newline = bytes.find('\n', used);
    const std::size_t end = newline == std::string_view::npos ? bytes.size() : newline + 1;
    head_.append(bytes.substr(used, end - used));
    used = end;
    check_size();
    if (newline != std::string_view::npos) end_line();
  }
  return used;
}

void HeadReader::clear() {
  if (head_.capacity() > kKeptBytes) std::string().swap(head_);
  head_.clear();
  line_at_ = 0;
  headers_at_.reset();
  is_complete_ = false;
}

void HeadReader::check_size() const {
  // No method begins with anything else: a client that speaks TLS, say.
  if (head_.front() != '\r' && !is_token(std::string_view(head_).substr(0, 1)))
    throw Problem(Problem::Kind::invalid, "This is no HTTP/1.1 request.");
  if (!headers_at_ && head_.size() > kMaxLineBytes)
    throw Problem(Problem::Kind::target_too_long, "The target of a request has at most 8 KiB.");
  if (headers_at_ && head_.size() - *headers_at_ > kMaxHeaderBytes)
    throw Problem(Problem::Kind::head_too_large, "The headers have at most 8 KiB in sum.");
}

void HeadReader::end_line() {
  const std::string_view line = std::string_view(head_).substr(line_at_);
  if (!line.ends_with(kLineEnd))
    throw Problem(Problem::Kind::invalid, "A line of the head does not end as it must.");
  line_at_ = head_.size();
  const bool is_empty = line == kLineEnd;
  is_complete_ = is_empty && headers_at_;
  if (headers_at_ || is_complete_) return;
  // One empty line before the request is forgiven; see parse_head().
  if (!is_empty) headers_at_ = line_at_;
  if (is_empty && line_at_ > kLineEnd.size())
    throw Problem(Problem::Kind::invalid, "This is no HTTP/1.1 request.");
}

}  // namespace aforro::http

// If a proxy in front of this server and the server disagree about where a body ends, the rest of it is taken
// for another request, one that the proxy never saw (request smuggling). So chunks are read as RFC 9112, 7.1
// writes them and in no other way: hexadecimal digits alone, lines that end in CRLF. The parser of a library
// that was used before took `+41` and `0x41` for sizes.
//
// Bytes arrive in pieces of any size, so this is a state machine; a line that is cut is collected in `line_`,
// which is bounded.
#include "http/body_decoder.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "base/problem.h"
#include "http/transport.h"

namespace aforro::http {
namespace {

// The bound on a line with a chunk's size: far more than a number takes, for extensions, which are ignored.
constexpr std::size_t kMaxLineBytes = 256;

[[noreturn]] void refuse() {
  throw Problem(Problem::Kind::invalid, "The body is not chunked as it must be.");
}

}  // namespace

BodyDecoder::BodyDecoder(const Framing& framing, const BodyPolicy& policy,
                         std::shared_ptr<SpooledBody> spooled)
    : policy_(policy),
      state_(framing.is_chunked           ? State::size_line
             : framing.content_bytes == 0 ? State::complete
                                          : State::data),
      is_chunked_(framing.is_chunked),
      left_(framing.content_bytes),
      spooled_(std::move(spooled)) {
  require_fitting(framing.content_bytes);
}

void BodyDecoder::require_fitting(std::uint64_t body_bytes) const {
  if (body_bytes > policy_.max_bytes) refuse_large_body(policy_);
}

std::size_t BodyDecoder::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !is_complete()) {
    const std::string_view rest = bytes.substr(used);
    used += state_ == State::data ? feed_data(rest) : feed_line(rest);
  }
  return used;
}

std::size_t BodyDecoder::feed_data(std::string_view bytes) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  if (policy_.is_wanted()) keep(bytes.substr(0, count));
  size_ += count;
  left_ -= count;
  if (left_ == 0) state_ = is_chunked_ ? State::end_of_data : State::complete;
  return count;
}

void BodyDecoder::keep(std::string_view bytes) {
  if (spooled_) return spooled_->append(bytes);
  // What was announced is not yet believed; once a quarter of it is there, room for it all is less than what
  // growing by doubling would come to.
  const std::size_t needed = body_.size() + bytes.size();
  const std::uint64_t announced = body_.size() + left_;
  if (!is_chunked_ && needed > body_.capacity() && needed >= announced / 4) body_.reserve(announced);
  body_.append(bytes);
}

std::size_t BodyDecoder::feed_line(std::string_view bytes) {
  const std::size_t newline = bytes.find('\n');
  const std::size_t count = newline == std::string_view::npos ? bytes.size() : newline + 1;
  line_.append(bytes.substr(0, count));
  if (line_.size() > (state_ == State::trailers ? kMaxHeaderBytes : kMaxLineBytes)) refuse();
  if (newline != std::string_view::npos) end_line();
  return count;
}

void BodyDecoder::end_line() {
  if (!line_.ends_with("\r\n")) refuse();
  line_.resize(line_.size() - 2);
  switch (state_) {
    case State::size_line:
      begin_chunk();
      break;
    case State::end_of_data:
      if (!line_.empty()) refuse();
      state_ = State::size_line;
      break;
    case State::trailers:  // read and ignored
      trailer_bytes_ += line_.size();
      if (trailer_bytes_ > kMaxHeaderBytes) refuse();
      if (line_.empty()) state_ = State::complete;
      break;
    case State::data:
    case State::complete:
      break;
  }
  line_.clear();
}

void BodyDecoder::begin_chunk() {
  const char* const end = line_.data() + line_.size();
  // Hexadecimal digits alone: no sign, no "0x", no blank before them.
  const auto [stop, error] = std::from_chars(line_.data(), end, left_, 16);
  const bool is_followed_well = stop == end || *stop == ';' || *stop == ' ' || *stop == '\t';
  // A size past 64 bits is too large and not malformed: 413, and not 400.
  if (error == std::errc::result_out_of_range) left_ = std::numeric_limits<std::uint64_t>::max();
  if (stop == line_.data() || line_.front() == '-' || !is_followed_well) refuse();
  require_fitting(left_);
  require_fitting(left_ + size_);
  state_ = left_ == 0 ? State::trailers : State::data;
}

}  // namespace aforro::http

// The bytes of a body as it was announced, by its length or in chunks (RFC 9112, 6 and 7.1), taken strictly:
// where it ends must never be a matter of opinion. Not for use by several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/body_policy.h"
#include "http/request_head.h"
#include "http/spool.h"

namespace aforro::http {

class BodyDecoder {
 public:
  // Throws Problem (body_too_large) if more is announced than the policy takes. What it has no use for is
  // read past and not kept. Goes to `spooled` where that is one.
  BodyDecoder(const Framing& framing, const BodyPolicy& policy,
              std::shared_ptr<SpooledBody> spooled = nullptr);

  // Takes bytes up, at most to the end of the body, and says how many; those behind are no part of it.
  // Throws Problem: invalid for chunks that are none, body_too_large once they make more than the policy
  // takes; what SpooledBody::append() throws.
  std::size_t feed(std::string_view bytes);

  bool is_complete() const { return state_ == State::complete; }
  std::string take() { return std::move(body_); }
  std::shared_ptr<const SpooledBody> take_spooled() { return std::move(spooled_); }

  std::uint64_t size() const { return size_; }  // of the body, as far as it is there
  std::size_t held_bytes() const { return body_.capacity() + line_.capacity(); }

 private:
  // What comes next. A line is the size of a chunk, the end of its data, or of the trailers.
  enum class State { data, size_line, end_of_data, trailers, complete };

  std::size_t feed_data(std::string_view bytes);
  void keep(std::string_view bytes);
  std::size_t feed_line(std::string_view bytes);
  void end_line();
  void begin_chunk();

  void require_fitting(std::uint64_t body_bytes) const;

  const BodyPolicy policy_;
  State state_;
  const bool is_chunked_;
  std::uint64_t left_;  // of the body, or of the chunk
  std::string line_;
  std::size_t trailer_bytes_ = 0;
  std::uint64_t size_ = 0;
  std::string body_;
  std::shared_ptr<SpooledBody> spooled_;
};

}  // namespace aforro::http

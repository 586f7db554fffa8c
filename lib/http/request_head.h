// The head of a request (request line and headers) as it was sent, read strictly (RFC 9112): where a body
// ends must never be a matter of opinion. Values are taken as they stand; percent signs in headers are not
// decoded. Values.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/message.h"

namespace aforro::http {

// How a body was announced (RFC 9112, 6).
struct Framing {
  bool is_chunked = false;
  std::uint64_t content_bytes = 0;
  bool has_body() const { return is_chunked || content_bytes > 0; }
};

struct RequestHead {
  Framing framing;
  bool wants_close = false;     // no request follows on this connection
  bool is_version_1_0 = false;  // whose answers have no chunks
};

// Reads a head, from the request line to the empty line, into the request's method, path, query and headers.
// A target may be absolute: its host then takes the place of the header Host. What was read before a fault
// stays, so that the refusal knows which method it answers; after a fault the connection must be closed.
//
// Throws Problem: target_too_long over kMaxTargetBytes, head_too_large over kMaxHeaderBytes, not_implemented
// for a transfer coding other than chunked, invalid for all else that is no HTTP/1.0 or 1.1.
RequestHead parse_head(std::string_view head, Request& request);

// The parts of it.

// Reads header lines (after the request line, up to the empty line) into `headers`. Throws Problem (invalid)
// for a line that is no header, head_too_large for more than kMaxHeaderBytes.
void parse_headers(std::string_view lines, HeaderList& headers);

// Throws Problem (invalid) for a length that is no number or is given twice and differently, for both a
// length and chunks, and for chunks that are not the last coding; not_implemented for any coding but chunked.
Framing parse_framing(const HeaderList& headers);

}  // namespace aforro::http

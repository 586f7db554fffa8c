// The head of a request (request line and headers) as it was sent, read strictly. The library's own reading
// of header values is not used: it decodes percent signs in them, and forgives what decides where a body
// ends. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace aforro::http {

// How a body was announced (RFC 9112, 6).
struct Framing {
  bool is_chunked = false;
  std::uint64_t content_bytes = 0;
  bool has_body() const { return is_chunked || content_bytes > 0; }
};

// Reads header lines (after the request line, up to the empty line) into `headers`. Throws HttpError 400 for
// a line that is no header, 431 for more than kMaxHeaderBytes.
void parse_headers(std::string_view lines, HeaderList& headers);

// Throws HttpError 400 for a length that is no number or is given twice, or both a length and chunks; 415 for
// any coding but chunked.
Framing parse_framing(const HeaderList& headers);

// True if the client asked for the connection to be closed after this request.
bool wants_close(const HeaderList& headers);

}  // namespace aforro::http

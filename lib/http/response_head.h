// The head of an answer as HTTP/1.1 sends it (RFC 9112).
#pragma once

#include <string>

#include "http/message.h"

namespace aforro::http {

enum class After { keep_alive, close };  // what becomes of the connection

// With Date, Connection, Content-Length or Transfer-Encoding, and the empty line at its end. A stream is sent
// in chunks, or, where those are not understood, ends with the connection, which must be closed after it.
std::string response_head(const Response& response, After after, bool understands_chunks);

// Whether answers of that status never have a body (RFC 9110, 6.4.1).
bool has_no_body(int status);

}  // namespace aforro::http

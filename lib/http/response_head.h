// The head of an answer as HTTP/1.1 sends it (RFC 9112).
#pragma once

#include <string>

#include "http/message.h"

namespace aforro::http {

enum class After { keep_alive, close };  // what becomes of the connection

// With Date, Connection and Content-Length, and the empty line at its end.
std::string response_head(const Response& response, After after);

// Whether answers of that status never have a body (RFC 9110, 6.4.1).
bool has_no_body(int status);

}  // namespace aforro::http

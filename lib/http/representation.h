// Which form of an answer goes out (RFC 9110, 8.8 and 12 to 14): nothing but a status if its client has it
// already, packed if that is accepted, a part if one is asked for. Functions without state, for any thread.
#pragma once

#include "http/message.h"

namespace aforro::http {

// Leaves a body or a stream, or neither, and never a file.
void choose_representation(const Request& request, Response& response);

}  // namespace aforro::http

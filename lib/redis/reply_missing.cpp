// Stands in where hiredis was not there when the program was built, or was not wanted.
#include <stdexcept>

#include "redis/reply.h"

namespace aforro::redis {

bool has_reader() { return false; }

std::unique_ptr<ReplyReader> make_reader() { throw std::logic_error("built without hiredis"); }

}  // namespace aforro::redis
